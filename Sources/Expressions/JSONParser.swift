import CJq

/// Why a text is not JSON. The message never quotes the text.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  package let message: String

  package var description: String { message }
}

/// Reads JSON texts one after the other, keeping libjq's parser and its buffers between them.
///
/// Belongs to one thread.
package struct JSONParser: ~Copyable {
  private var parser: OpaquePointer

  package init() {
    parser = jv_parser_new(0)
  }

  deinit {
    jv_parser_free(parser)
  }

  /// The value of `text`, which must be exactly one JSON text, white space around it allowed.
  ///
  /// Stricter than jq itself, which takes `nan`, `01` and several texts in a row. Objects and arrays nest 256
  /// deep at most. Of doubled fields the last counts.
  package mutating func parse(_ text: UnsafeRawBufferPointer) throws(JSONError) -> JQValue {
    if let fault = JSONGrammar.fault(in: text) {
      throw JSONError(message: "not JSON: \(fault.message) at byte \(fault.offset)")
    }
    guard text.count < Int(CInt.max) else { throw JSONError(message: "not JSON: longer than 2 GiB") }
    // The parser takes input piecemeal: a scalar is known to be complete at the white space after it, so one
    // space follows every text, and the parser is ready for the next.
    var value: jv? = nil
    do throws(JSONError) {
      try feed(text, into: &value)
      try withUnsafeBytes(of: UInt8(ascii: " ")) { space throws(JSONError) in try feed(space, into: &value) }
    } catch {
      if let value { jv_free(value) }
      restart()
      throw error
    }
    guard let value else {
      restart()
      throw JSONError(
        message: text.allSatisfy(isWhiteSpace) ? "not JSON: empty" : "not JSON: it ends too early")
    }
    return JQValue(owning: value)
  }

  private func feed(_ text: UnsafeRawBufferPointer, into value: inout jv?) throws(JSONError) {
    guard let base = text.baseAddress, text.count > 0 else { return }
    jv_parser_set_buf(parser, base.assumingMemoryBound(to: CChar.self), CInt(text.count), 1)
    while true {
      let next = jv_parser_next(parser)
      guard jv_is_valid(next) != 0 else {
        guard jv_invalid_has_msg(jv_copy(next)) != 0 else {
          jv_free(next)
          return
        }
        let message = jv_invalid_get_msg(next)
        defer { jv_free(message) }
        throw JSONError(
          message: "not JSON: \(Self.reason(String(decoding: message.stringBytes, as: UTF8.self)))")
      }
      guard value == nil else {
        jv_free(next)
        throw JSONError(message: "not JSON: more than one text")
      }
      value = next
    }
  }

  /// libjq's words without its place, which counts from the parser's first text.
  private static func reason(_ message: String) -> String {
    let words = message.utf8
    let place = Array(" at line ".utf8)
    var index = words.startIndex
    while index != words.endIndex, !words[index...].starts(with: place) { index = words.index(after: index) }
    return String(message[..<index])
  }

  private mutating func restart() {
    jv_parser_free(parser)
    parser = jv_parser_new(0)
  }
}

private func isWhiteSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
}

extension JQValue {
  /// The value of one JSON text; for many, keep a `JSONParser`.
  package static func parse(_ text: UnsafeRawBufferPointer) throws(JSONError) -> JQValue {
    var parser = JSONParser()
    return try parser.parse(text)
  }

  package static func parse(_ text: String) throws(JSONError) -> JQValue {
    var parser = JSONParser()
    let bytes = Array(text.utf8)
    let span = bytes.span.bytes
    return try span.withUnsafeBytes { text throws(JSONError) in try parser.parse(text) }
  }
}
