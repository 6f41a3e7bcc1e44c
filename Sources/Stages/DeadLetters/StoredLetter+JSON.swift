import POSIXKit
import Records

extension StoredLetter {
  /// Appends the letter as one line of JSON: identity, error and record.
  ///
  /// The record is a JSON value where it can be one (a csv row becomes the object that steps see), and else
  /// its text.
  package func appendJSON(into buffer: inout BatchBuffer) {
    buffer.append(contentsOf: "{\"id\":\(id)")
    Self.append("state", state.rawValue, into: &buffer)
    if let replay { Self.append("replay", replay, into: &buffer) }
    Self.append("stage", origin.stage, into: &buffer)
    buffer.append(contentsOf: ",\"step\":\(letter.step)")
    Self.append("kind", kind, into: &buffer)
    Self.append("cause", causeText, into: &buffer)
    buffer.append(contentsOf: ",\"attempts\":\(letter.attempts)")
    Self.append("worker", letter.worker, into: &buffer)
    Self.append("time", WallClock.text(letter.time), into: &buffer)
    Self.append("lastWords", letter.lastWords, into: &buffer)
    Self.append("file", origin.file, into: &buffer)
    buffer.append(contentsOf: ",\"line\":\(letter.line)")
    Self.append("run", DeadLetterStore.hexadecimal(origin.run), into: &buffer)
    Self.append("origin", "\(origin.origin).\(origin.slot)", into: &buffer)
    buffer.append(contentsOf: ",\"sequence\":\(origin.sequence)")
    Self.append("branch", DeadLetterStore.hexadecimal(origin.branch), into: &buffer)
    buffer.append(contentsOf: ",\"index\":\(letter.record)")
    Self.append("format", DeadLetterStore.name(of: origin.format), into: &buffer)
    buffer.append(",\"record\":")
    if !appendValue(into: &buffer) { Self.append(recordText, into: &buffer) }
    buffer.append("}\n")
  }

  /// `error` or `death`.
  package var kind: String { if case .error = letter.cause { "error" } else { "death" } }

  package var causeText: String {
    switch letter.cause {
    case .error(let text), .death(let text): text
    }
  }

  /// The record for people; bytes that are no UTF-8 are replaced.
  package var recordText: String { String(decoding: letter.bytes, as: UTF8.self) }

  /// `data/flights.csv:17`; the file alone where the line is not known.
  package var place: String { letter.line == 0 ? origin.file : "\(origin.file):\(letter.line)" }

  /// Appends the record as JSON; false, and nothing is appended, where it is none.
  private func appendValue(into buffer: inout BatchBuffer) -> Bool {
    var bytes = BatchBuffer(headroom: 0, capacity: letter.bytes.count + 1)
    letter.bytes.withUnsafeBytes { bytes.append($0) }
    switch origin.format {
    case .line: return false
    case .json:
      return bytes.withPayload { text in
        guard JSONValidator.firstError(in: text) == nil, UTF8.firstInvalid(in: text) == nil else {
          return false
        }
        JSONCompactor.append(text, into: &buffer)
        return true
      }
    case .csv:
      bytes.append(0x0A)
      let schema = origin.schema.withUnsafeBytes { try? CSVSchema(decoding: $0) }
      guard let schema else { return false }
      var object = BatchBuffer(headroom: 0, capacity: 256)
      let isRow = bytes.withPayload { row in
        var reader = CSVToJSON(schema: schema)
        reader.start(row)
        return UTF8.firstInvalid(in: row) == nil && (try? reader.next(into: &object)) == true
      }
      guard isRow else { return false }
      // Without the newline behind it.
      object.truncate(to: object.count - 1)
      object.withPayload { buffer.append($0) }
      return true
    }
  }

  private static func append(_ name: StaticString, _ text: String, into buffer: inout BatchBuffer) {
    buffer.append(",\"")
    buffer.append(name)
    buffer.append("\":")
    append(text, into: &buffer)
  }

  private static func append(_ text: String, into buffer: inout BatchBuffer) {
    var text = text
    text.withUTF8 { JSONString.append(UnsafeRawBufferPointer($0), into: &buffer) }
  }
}
