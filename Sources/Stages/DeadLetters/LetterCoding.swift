import Records

/// Letters as they travel: the payload of a batch whose records they are.
///
/// Little-endian: record (32 bit), line (64), step (16), cause (8: 1 error, 2 death), attempts (32), time (64),
/// then cause text, worker, last words and record, each behind its 32-bit length.
package struct LetterWriter: ~Copyable {
  package private(set) var count = 0
  private var bytes: BatchBuffer

  /// `headroom` is for a message's header and the schema of the records.
  package init(headroom: Int = 0) { bytes = BatchBuffer(headroom: headroom, capacity: 256) }

  package mutating func append(_ letter: Letter) {
    count += 1
    append(letter.record)
    append(letter.line)
    append(letter.step)
    switch letter.cause {
    case .error(let text):
      bytes.append(1)
      append(letter.attempts)
      append(letter.time)
      append(Array(text.utf8))
    case .death(let text):
      bytes.append(2)
      append(letter.attempts)
      append(letter.time)
      append(Array(text.utf8))
    }
    append(Array(letter.worker.utf8))
    append(Array(letter.lastWords.utf8))
    append(letter.bytes)
  }

  package consuming func finish() -> BatchBuffer { bytes }

  private mutating func append<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append($0) }
  }

  private mutating func append(_ value: [UInt8]) {
    append(UInt32(value.count))
    value.withUnsafeBytes { bytes.append($0) }
  }
}

/// Reads what ``LetterWriter`` wrote; the bytes must outlive it.
package struct LetterReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next letter, or nil at the end. Throws for bytes that are no letters.
  package mutating func next() throws(StageFailure) -> Letter? {
    if position == bytes.count { return nil }
    let record: UInt32 = try number()
    let line: UInt64 = try number()
    let step: UInt16 = try number()
    let kind: UInt8 = try number()
    let attempts: UInt32 = try number()
    let time: UInt64 = try number()
    let text = String(decoding: try field(), as: UTF8.self)
    guard kind == 1 || kind == 2 else { throw Self.broken }
    return Letter(
      record: record, line: line, step: step, cause: kind == 1 ? .error(text) : .death(text),
      attempts: attempts, worker: String(decoding: try field(), as: UTF8.self), time: time,
      lastWords: String(decoding: try field(), as: UTF8.self), bytes: Array(try field()))
  }

  private static let broken = StageFailure("a batch of dead letters can't be read: error: it is damaged")

  private mutating func number<T: FixedWidthInteger>() throws(StageFailure) -> T {
    guard bytes.count - position >= MemoryLayout<T>.size else { throw Self.broken }
    defer { position += MemoryLayout<T>.size }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
  }

  private mutating func field() throws(StageFailure) -> UnsafeRawBufferPointer {
    let count: UInt32 = try number()
    guard bytes.count - position >= Int(count) else { throw Self.broken }
    defer { position += Int(count) }
    return bytes.bytes(position..<position + Int(count))
  }
}
