import FoundationEssentials
import Records

/// Writes JSON records, a line each.
struct RecordWriter: ~Copyable {
  private var buffer: BatchBuffer
  private(set) var count = 0

  init(headroom: Int = 0, capacity: Int) { buffer = BatchBuffer(headroom: headroom, capacity: capacity) }

  var byteCount: Int { buffer.count }

  mutating func append(_ text: String) throws(OutputError) {
    try Self.withBytes(of: text) { bytes throws(OutputError) in try append(bytes) }
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    if let error = JSONValidator.firstError(in: bytes) { throw .notJSON("\(error)") }
    if UTF8.firstInvalid(in: bytes) != nil { throw .notUTF8 }
    // A text of several lines is valid JSON, but a record is a line.
    if Bytes.first(0x0A, in: bytes) == nil {
      buffer.append(bytes)
    } else {
      JSONCompactor.append(bytes, into: &buffer)
    }
    end()
  }

  /// Appends a line, or a CSV row, which may have newlines within quotes.
  mutating func append(asRead bytes: UnsafeRawBufferPointer, isCSV: Bool) throws(OutputError) {
    if UTF8.firstInvalid(in: bytes) != nil { throw .notUTF8 }
    if !isCSV, Bytes.first(0x0A, in: bytes) != nil { throw .severalLines }
    appendUnchecked(bytes)
  }

  mutating func append(asRead text: String, isCSV: Bool) throws(OutputError) {
    try Self.withBytes(of: text) { bytes throws(OutputError) in try append(asRead: bytes, isCSV: isCSV) }
  }

  mutating func append(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(value)
    data.withUnsafeBytes { buffer.append($0) }
    end()
  }

  /// Appends bytes that need no check.
  mutating func appendUnchecked(_ bytes: UnsafeRawBufferPointer) {
    buffer.append(bytes)
    end()
  }

  mutating func truncate(toBytes bytes: Int, records: Int) {
    buffer.truncate(to: bytes)
    count = records
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try buffer.withPayload(body)
  }

  consuming func takeBuffer() -> BatchBuffer { buffer }

  // Not inlined: the optimizer of Swift 6.3.1 crashes over it.
  @inline(never)
  private static func withBytes(
    of text: String, _ body: (UnsafeRawBufferPointer) throws(OutputError) -> Void
  ) throws(OutputError) {
    var failure: OutputError?
    var text = text
    text.withUTF8 { bytes in
      do throws(OutputError) { try body(UnsafeRawBufferPointer(bytes)) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private mutating func end() {
    buffer.append(UInt8(ascii: "\n"))
    count += 1
  }
}
