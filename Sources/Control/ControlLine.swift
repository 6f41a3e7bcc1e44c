import FoundationEssentials

/// A line that is none of the protocol: what is wrong with it, and what would be right.
package struct ControlLineError: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// One line of the protocol: a JSON object without its newline.
package enum ControlLine {
  /// The most bytes that a request has. Replies may be longer.
  package static let longestRequest = 64 << 10

  package static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    // Nothing of the protocol has a value that JSON can't hold.
    return Array((try? encoder.encode(value)) ?? Data())
  }

  package static func decode<Value: Decodable>(
    _ type: Value.Type, _ line: some Collection<UInt8>
  ) throws(ControlLineError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(line))
    } catch let error as ControlLineError {
      throw error
    } catch let error as DecodingError {
      throw ControlLineError(words(for: error))
    } catch {
      throw ControlLineError("the line can't be read: \(error)")
    }
  }

  private static func words(for error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
    case .typeMismatch(let type, let context) where !context.codingPath.isEmpty,
      .valueNotFound(let type, let context) where !context.codingPath.isEmpty:
      return "\"\(place(context))\" must be \(noun(for: type))"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\"\(place(context))\" has no value that fits"
    default:
      return
        "a line is one JSON object, such as {\"schema\":\"\(ControlRequest.schema)\",\"request\":\"status\"}"
    }
  }

  private static func noun(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is Int.Type, is UInt64.Type: "a whole number"
    case is Double.Type: "a number"
    default: "something else"
    }
  }
}
