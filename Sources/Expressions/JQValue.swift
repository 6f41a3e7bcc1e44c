import CJq

/// One JSON value of libjq's, owned.
///
/// Numbers are doubles. Values may move between threads, but two values that share content (`copy`) may not be
/// used by two threads at once: libjq's counts are not atomic.
package struct JQValue: ~Copyable {
  package enum Kind: Sendable {
    case null
    case bool
    case number
    case string
    case array
    case object
  }

  let raw: jv

  /// Takes ownership of `raw`, which must be valid.
  init(owning raw: jv) {
    self.raw = raw
  }

  deinit {
    jv_free(raw)
  }

  /// Gives up ownership.
  consuming func release() -> jv {
    let raw = raw
    discard self
    return raw
  }

  package static func null() -> JQValue { JQValue(owning: jv_null()) }

  package static func bool(_ value: Bool) -> JQValue { JQValue(owning: value ? jv_true() : jv_false()) }

  package static func number(_ value: Double) -> JQValue { JQValue(owning: jv_number(value)) }

  /// A string of `bytes`; what is not UTF-8 becomes U+FFFD. At most 2 GiB.
  package static func string(_ bytes: UnsafeRawBufferPointer) -> JQValue {
    JQValue(owning: jv.string(bytes))
  }

  package static func string(_ text: String) -> JQValue {
    JQValue(owning: jv.string(text))
  }

  /// Another reference to the same content; what is done to one is not seen through the other.
  package func copy() -> JQValue { JQValue(owning: jv_copy(raw)) }

  package var kind: Kind {
    switch jv_get_kind(raw) {
    case JV_KIND_FALSE, JV_KIND_TRUE: .bool
    case JV_KIND_NUMBER: .number
    case JV_KIND_STRING: .string
    case JV_KIND_ARRAY: .array
    case JV_KIND_OBJECT: .object
    default: .null
    }
  }

  /// Whether jq takes it for true: anything but `false` and `null`.
  package var isTrue: Bool {
    let kind = jv_get_kind(raw)
    return kind != JV_KIND_FALSE && kind != JV_KIND_NULL
  }

  /// The number, or nil for what is not one.
  package var number: Double? {
    jv_get_kind(raw) == JV_KIND_NUMBER ? jv_number_value(raw) : nil
  }

  /// Lends a string's bytes to `body`; nil for what is not a string.
  package func withString<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
    guard jv_get_kind(raw) == JV_KIND_STRING else { return nil }
    return try body(raw.stringBytes)
  }

  /// The field of an object; nil where the value is not an object or has no such field.
  package subscript(_ key: JQKey) -> JQValue? {
    guard jv_get_kind(raw) == JV_KIND_OBJECT else { return nil }
    let field = jv_object_get(jv_copy(raw), jv_copy(key.raw))
    guard jv_is_valid(field) != 0 else {
      jv_free(field)
      return nil
    }
    return JQValue(owning: field)
  }

  /// The JSON text as libjq itself prints it; slow, for tests and messages.
  package func printedByLibjq() -> String {
    let text = jv_dump_string(jv_copy(raw), 0)
    defer { jv_free(text) }
    return String(decoding: text.stringBytes, as: UTF8.self)
  }

  /// Whether both are the same value, as jq's `==` has it.
  package func equals(_ other: borrowing JQValue) -> Bool {
    jv_equal(jv_copy(raw), jv_copy(other.raw)) != 0
  }
}

extension jv {
  /// A new string of `bytes`, owned by the caller.
  static func string(_ bytes: UnsafeRawBufferPointer) -> jv {
    guard let base = bytes.baseAddress else { return jv_string_sized("", 0) }
    return jv_string_sized(base.assumingMemoryBound(to: CChar.self), CInt(bytes.count))
  }

  static func string(_ text: String) -> jv {
    var text = text
    return text.withUTF8 { jv.string(UnsafeRawBufferPointer($0)) }
  }

  /// The bytes of a string, valid while it lives.
  var stringBytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: jv_string_value(self), count: Int(jv_string_length_bytes(jv_copy(self))))
  }
}
