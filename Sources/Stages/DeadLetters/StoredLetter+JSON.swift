import Records

extension StoredLetter {
  /// Appends the letter as one line of JSON: identity, error and record.
  ///
  /// The record is a JSON value where it can be one (a csv row becomes the object that steps see), and else
  /// its text.
  package func appendJSON(into buffer: inout BatchBuffer) {
    buffer.append(contentsOf: "{\"id\":\(id),\"state\":\"\(state.rawValue)\",")
    if let replay {
      buffer.append("\"replay\":")
      JSONString.append(replay, into: &buffer)
      buffer.append(",")
    }
    letter.appendFields(from: origin, into: &buffer)
    buffer.append("}\n")
  }

  /// `error` or `death`.
  package var kind: String { letter.kind }

  package var causeText: String { letter.causeText }

  /// The record for people; bytes that are no UTF-8 are replaced.
  package var recordText: String { letter.recordText }

  /// `data/flights.csv:17`; the file alone where the line is not known.
  package var place: String { letter.line == 0 ? origin.file : "\(origin.file):\(letter.line)" }
}
