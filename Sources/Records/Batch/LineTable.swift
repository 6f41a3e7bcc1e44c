/// Builds the table that says from which input line each record of a batch came.
///
/// Needed once a step has dropped records or made several of one: the batch's header has only the first line.
/// Line offsets are relative to that line and never fall; each is stored as a LEB128 varint of its distance
/// from the one before, so that a table costs about a byte a record.
package struct LineTableBuilder: ~Copyable {
  private var bytes: BatchBuffer
  private var last = 0
  /// Records so far.
  package private(set) var count = 0
  /// Whether record `i` came from line `i` throughout, so that no table needs to be sent.
  package private(set) var isIdentity = true

  package init(headroom: Int = 0, capacity: Int = 4096) {
    bytes = BatchBuffer(headroom: headroom, capacity: capacity)
  }

  /// Bytes of the table so far.
  package var byteCount: Int { bytes.count }

  package mutating func append(line: Int) {
    precondition(line >= last, "line offsets of a batch never fall")
    if line != count { isIdentity = false }
    bytes.appendVarint(UInt(line - last))
    last = line
    count += 1
  }

  /// The table as it is now, to come back to.
  package struct Mark {
    fileprivate var byteCount: Int
    fileprivate var last: Int
    package fileprivate(set) var count: Int
    fileprivate var isIdentity: Bool
  }

  package var mark: Mark { Mark(byteCount: bytes.count, last: last, count: count, isIdentity: isIdentity) }

  /// Takes back what was appended since `mark`.
  package mutating func truncate(to mark: Mark) {
    bytes.truncate(to: mark.byteCount)
    last = mark.last
    count = mark.count
    isIdentity = mark.isIdentity
  }

  package mutating func removeAll() {
    bytes.removeAll()
    last = 0
    count = 0
    isIdentity = true
  }

  package func withBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try bytes.withPayload(body)
  }
}

/// Reads a table of ``LineTableBuilder``. Bytes that are no table end it early; nothing traps.
package struct LineTableReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var line = 0

  /// The bytes must outlive the reader.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The line offset of the next record, or nil at the end.
  package mutating func next() -> Int? {
    guard let delta = Varint.read(bytes, &position), let step = Int(exactly: delta) else { return nil }
    let (sum, overflow) = line.addingReportingOverflow(step)
    if overflow { return nil }
    line = sum
    return sum
  }

  /// The line offset of record `index`. Walks the table: for error messages, not for each record.
  package static func line(of index: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
    var reader = LineTableReader(bytes)
    for _ in 0..<index where reader.next() == nil { return nil }
    return reader.next()
  }
}
