import POSIXKit
import Records

extension Letter {
  /// Appends the letter as a JSON object without a newline: what is known of it before it is stored.
  package func appendJSON(from origin: LetterOrigin, into buffer: inout BatchBuffer) {
    buffer.append("{")
    appendFields(from: origin, into: &buffer)
    buffer.append("}")
  }

  /// The fields of that object.
  func appendFields(from origin: LetterOrigin, into buffer: inout BatchBuffer) {
    buffer.append("\"stage\":")
    JSONString.append(origin.stage, into: &buffer)
    buffer.append(contentsOf: ",\"step\":\(step)")
    Self.append("kind", kind, into: &buffer)
    Self.append("cause", causeText, into: &buffer)
    buffer.append(contentsOf: ",\"attempts\":\(attempts)")
    Self.append("worker", worker, into: &buffer)
    Self.append("time", WallClock.text(time), into: &buffer)
    Self.append("lastWords", lastWords, into: &buffer)
    Self.append("file", origin.file, into: &buffer)
    buffer.append(contentsOf: ",\"line\":\(line)")
    Self.append("run", DeadLetterStore.hexadecimal(origin.run), into: &buffer)
    Self.append("origin", "\(origin.origin).\(origin.slot)", into: &buffer)
    buffer.append(contentsOf: ",\"sequence\":\(origin.sequence)")
    Self.append("branch", DeadLetterStore.hexadecimal(origin.branch), into: &buffer)
    buffer.append(contentsOf: ",\"index\":\(record)")
    Self.append("format", DeadLetterStore.name(of: origin.format), into: &buffer)
    buffer.append(",\"record\":")
    if !appendValue(from: origin, into: &buffer) { JSONString.append(recordText, into: &buffer) }
  }

  /// `error` or `death`.
  var kind: String { if case .error = cause { "error" } else { "death" } }

  var causeText: String {
    switch cause {
    case .error(let text), .death(let text): text
    }
  }

  /// The record for people; bytes that are no UTF-8 are replaced.
  var recordText: String { String(decoding: bytes, as: UTF8.self) }

  /// Appends the record as JSON; false, and nothing is appended, where it is none.
  private func appendValue(
    from origin: LetterOrigin, into buffer: inout BatchBuffer
  ) -> Bool {
    var own = BatchBuffer(headroom: 0, capacity: bytes.count + 1)
    bytes.withUnsafeBytes { own.append($0) }
    switch origin.format {
    case .line: return false
    case .json:
      return own.withPayload { text in
        guard JSONValidator.firstError(in: text) == nil, UTF8.firstInvalid(in: text) == nil else {
          return false
        }
        JSONCompactor.append(text, into: &buffer)
        return true
      }
    case .csv:
      own.append(0x0A)
      let schema = origin.schema.withUnsafeBytes { try? CSVSchema(decoding: $0) }
      guard let schema else { return false }
      var object = BatchBuffer(headroom: 0, capacity: 256)
      let isRow = own.withPayload { row in
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
    JSONString.append(text, into: &buffer)
  }
}
