import Coordination
import Glibc
import POSIXKit
import Stages

/// Where the batches of a source ended whose cuts depend on when its input came: what a new incarnation needs
/// to cut the very same ones.
///
/// Sequences follow each other. One writer at a time.
package struct BoundaryLog: ~Copyable {
  /// In the folder of its slot's state.
  package static let fileName = "boundaries"
  /// The file is rewritten once it has so many entries that nobody needs.
  package static let mostUnneeded = 1024

  private let path: String
  private var log: LogFile
  /// The sequence of the first of `ends`.
  private var first: UInt64
  private var ends: [InputMark]

  /// Opens a log, making it where it is missing.
  package static func open(_ path: String) throws(SystemCallError) -> BoundaryLog {
    if access(path, F_OK) != 0 {
      return BoundaryLog(path: path, log: try LogFile.create(path, entries: []), first: 0, ends: [])
    }
    var first: UInt64 = 0
    var ends: [InputMark] = []
    let log = try LogFile.open(path) { bytes in
      guard let (sequence, end) = try? decode(bytes) else { return false }
      if ends.isEmpty { first = sequence }
      guard sequence == first + UInt64(ends.count) else { return false }
      ends.append(end)
      return true
    }
    return BoundaryLog(path: path, log: log, first: first, ends: ends)
  }

  private init(path: String, log: consuming LogFile, first: UInt64, ends: [InputMark]) {
    self.path = path
    self.log = log
    self.first = first
    self.ends = ends
  }

  /// Where a batch ended, or nil if it was never cut.
  package subscript(sequence: UInt64) -> InputMark? {
    guard sequence >= first, sequence - first < UInt64(ends.count) else { return nil }
    return ends[Int(sequence - first)]
  }

  /// The highest sequence that was noted, if any is left.
  package var last: UInt64? { ends.isEmpty ? nil : first + UInt64(ends.count) - 1 }

  /// Notes where the next batch ends. Durable when it returns.
  package mutating func append(_ sequence: UInt64, end: InputMark) throws(SystemCallError) {
    if ends.isEmpty { first = sequence }
    precondition(sequence == first + UInt64(ends.count), "a boundary that does not follow the last one")
    try log.append(Self.encode(sequence, end))
    ends.append(end)
  }

  /// Whether ``drop(below:)`` is worth its while.
  package func hasUnneeded(below low: UInt64) -> Bool {
    low > first && min(low - first, UInt64(ends.count)) >= UInt64(Self.mostUnneeded)
  }

  /// Forgets the batches below a sequence, which must be durably done: none of them may be cut again.
  package mutating func drop(below low: UInt64) throws(SystemCallError) {
    let count = min(Int(low - min(low, first)), ends.count)
    if count == 0 { return }
    ends.removeFirst(count)
    first += UInt64(count)
    let entries = ends.enumerated().map { Self.encode(first + UInt64($0.offset), $0.element) }
    log = try LogFile.create(path, entries: entries)
  }

  private static func encode(_ sequence: UInt64, _ end: InputMark) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(sequence)
    writer.write(end)
    return writer.bytes
  }

  private static func decode(_ bytes: [UInt8]) throws(ByteCodingError) -> (UInt64, InputMark) {
    var reader = ByteReader(bytes)
    return (try reader.read(), try reader.readMark())
  }
}
