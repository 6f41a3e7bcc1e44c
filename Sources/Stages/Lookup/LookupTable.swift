import Delivery
import Expressions
import Glibc
import POSIXKit
import PipelineFile
import Records

/// A table to join with: its file's bytes as they are, and an index from key to row.
///
/// Flat and never written after it was built, so that the workers of a fork server share its pages: reference
/// counts of many small objects would be writes. Keys are canonical JSON texts, so that CSV `7` and JSON `7.0`
/// are one key.
package final class LookupTable {
  private struct Slot {
    var hash: UInt64
    /// Offset of the key's text in `keys`, behind its length.
    var key: UInt64
    var row: UInt64
    /// Bytes of the row and one more: 0 is a slot that nobody uses, and a row may be empty.
    var lengthAndOne: UInt64
  }

  /// Rows in the table.
  package let count: Int
  let format: RecordFormat
  /// The columns of a CSV table.
  let schema: CSVSchema?
  private let bytes: UnsafeMutableRawBufferPointer
  private let keys: UnsafeMutableRawBufferPointer
  private let slots: UnsafeMutableBufferPointer<Slot>

  init(
    format: RecordFormat, schema: CSVSchema?, bytes: UnsafeMutableRawBufferPointer,
    entries: borrowing LookupEntries
  ) {
    self.format = format
    self.schema = schema
    self.bytes = bytes
    count = entries.rows.count
    var size = 16
    while size < count * 2 { size *= 2 }
    slots = .allocate(capacity: size)
    slots.initialize(repeating: Slot(hash: 0, key: 0, row: 0, lengthAndOne: 0))
    keys = entries.copyKeys()
    for row in entries.rows {
      var place = Int(truncatingIfNeeded: row.hash) & (size - 1)
      while slots[place].lengthAndOne != 0 { place = (place + 1) & (size - 1) }
      slots[place] = Slot(
        hash: row.hash, key: UInt64(row.key), row: UInt64(row.range.lowerBound),
        lengthAndOne: UInt64(row.range.count) + 1)
    }
  }

  deinit {
    free(bytes.baseAddress)
    keys.deallocate()
    slots.deallocate()
  }

  /// More than any place that `find` answers.
  var placeCount: Int { slots.count }

  /// The row with this key, and its place in the table, or nil.
  package func find(_ key: UnsafeRawBufferPointer) -> (place: Int, row: UnsafeRawBufferPointer)? {
    let hash = StableHash.hash(of: key)
    var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[place].lengthAndOne != 0 {
      let slot = slots[place]
      if slot.hash == hash, self.key(at: Int(slot.key)).elementsEqual(key) {
        let start = Int(slot.row)
        return (place, UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(slot.lengthAndOne) - 1]))
      }
      place = (place + 1) & (slots.count - 1)
    }
    return nil
  }

  private func key(at offset: Int) -> UnsafeRawBufferPointer {
    let length = Int(keys.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    return UnsafeRawBufferPointer(rebasing: keys[offset + 4..<offset + 4 + length])
  }
}

/// The rows of a table while it is read: places and keys.
struct LookupEntries: ~Copyable {
  struct Row {
    var hash: UInt64
    var key: Int
    var range: Range<Int>
    var line: Int
  }

  private(set) var rows: [Row] = []
  private var keys = BatchBuffer(headroom: 0, capacity: 1 << 16)

  mutating func add(key: UnsafeRawBufferPointer, range: Range<Int>, line: Int) {
    rows.append(Row(hash: StableHash.hash(of: key), key: keys.count, range: range, line: line))
    withUnsafeBytes(of: UInt32(key.count)) { keys.append($0) }
    keys.append(key)
  }

  func copyKeys() -> UnsafeMutableRawBufferPointer {
    keys.withPayload { payload in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, payload.count), alignment: 16)
      copy.copyMemory(from: payload)
      return copy
    }
  }

  /// Two rows with one key, as lines of the file.
  func findDouble() -> (first: Int, second: Int, key: String)? {
    keys.withPayload { payload in
      func text(_ row: Row) -> UnsafeRawBufferPointer {
        let length = Int(payload.loadUnaligned(fromByteOffset: row.key, as: UInt32.self))
        return payload.bytes(row.key + 4..<row.key + 4 + length)
      }
      let order = rows.indices.sorted { (rows[$0].hash, $0) < (rows[$1].hash, $1) }
      for (first, second) in zip(order, order.dropFirst()) where rows[first].hash == rows[second].hash {
        if text(rows[first]).elementsEqual(text(rows[second])) {
          return (rows[first].line, rows[second].line, String(decoding: text(rows[first]), as: UTF8.self))
        }
      }
      return nil
    }
  }
}
