#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the one-pass conversion of a row looks up: its columns' names as JSON and the meaning of first bytes.
///
/// Lives in raw memory, so that the loop over cells has no bounds checks and counts no references.
struct CSVFastTable: ~Copyable {
  /// How a cell of a column is written.
  enum Mode: UInt8 {
    case inferred, text, number
    /// Left to the careful way.
    case other
  }

  struct Column {
    /// `{"name":` of the first column, `,"name":` of the others; readable to the next multiple of 16.
    let name: UnsafeRawPointer
    let nameLength: Int
    let mode: Mode
  }

  /// What a cell's first byte says about it.
  enum First {
    static let end: UInt8 = 1
    static let digit: UInt8 = 2
    static let minus: UInt8 = 4
    static let quote: UInt8 = 8
    static let null: UInt8 = 16
    static let boolean: UInt8 = 32
  }

  let columns: UnsafeMutablePointer<Column>
  let columnCount: Int
  /// One byte of ``First`` bits for each byte value.
  let first: UnsafeMutablePointer<UInt8>
  private let names: UnsafeMutableRawPointer
  private let nullMarkers: UnsafeMutablePointer<UnsafeRawBufferPointer>
  private let nullMarkerCount: Int
  let emptyIsNull: Bool
  let delimiter: UInt8
  /// Most bytes that a row needs apart from its cells' texts, plus what whole words overshoot.
  let overhead: Int

  init(schema: CSVSchema) {
    var text = BatchBuffer(capacity: 1024)
    var ends: [Range<Int>] = []
    for (index, column) in schema.columns.enumerated() {
      let start = text.count
      text.append(index == 0 ? 0x7B : 0x2C)
      var name = column
      name.withUTF8 { JSONString.append(UnsafeRawBufferPointer($0), into: &text) }
      text.append(0x3A)
      ends.append(start..<text.count)
      while text.count % 16 != 0 { text.append(0) }
    }
    var overhead = 128
    names = text.release().baseAddress!
    columnCount = schema.columns.count
    columns = .allocate(capacity: columnCount)
    for (index, range) in ends.enumerated() {
      let mode: Mode =
        switch schema.types[index] {
        case .text: .text
        case .number: .number
        case .boolean: .other
        case nil: schema.infer ? .inferred : .text
        }
      (columns + index).initialize(
        to: Column(name: UnsafeRawPointer(names + range.lowerBound), nameLength: range.count, mode: mode))
      overhead += range.count + 8
    }
    self.overhead = overhead

    first = .allocate(capacity: 256)
    first.initialize(repeating: 0, count: 256)
    for byte in 0x30...0x39 { first[byte] |= First.digit }
    first[0x2D] |= First.minus
    first[0x22] |= First.quote
    first[0x74] |= First.boolean
    first[0x66] |= First.boolean
    for byte in [schema.delimiter, 0x0A, 0x0D] { first[Int(byte)] |= First.end }
    delimiter = schema.delimiter

    let markers = schema.nulls.filter { !$0.isEmpty }
    emptyIsNull = markers.count < schema.nulls.count
    nullMarkerCount = markers.count
    nullMarkers = .allocate(capacity: markers.count)
    for (index, marker) in markers.enumerated() {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: marker.utf8.count, alignment: 1)
      copy.copyBytes(from: marker.utf8)
      (nullMarkers + index).initialize(to: UnsafeRawBufferPointer(copy))
      first[Int(copy[0])] |= First.null
    }
  }

  deinit {
    for index in 0..<nullMarkerCount { nullMarkers[index].deallocate() }
    nullMarkers.deallocate()
    first.deallocate()
    columns.deallocate()
    free(names)
  }

  /// `{"name":` or `,"name":`.
  func name(_ column: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: columns[column].name, count: columns[column].nameLength)
  }

  /// Whether a null marker stands from `start` to `end`.
  @inline(__always)
  func isNull(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) -> Bool {
    for index in 0..<nullMarkerCount where nullMarkers[index].count == end - start {
      if memcmp(nullMarkers[index].baseAddress!, start, end - start) == 0 { return true }
    }
    return false
  }
}
