import CJq

/// Builds one object, field by field.
///
/// Where every record has the same fields, start from a template: a finished object with these fields. It is
/// copied in one go at its right size, and fields keep the template's order.
package struct JQObjectBuilder: ~Copyable {
  private var object: jv

  package init() {
    object = jv_object()
  }

  /// Starts from the fields of `template`, which must be an object; it stays as it is.
  package init(template: borrowing JQValue) {
    precondition(template.kind == .object, "a template is an object")
    object = jv_copy(template.raw)
  }

  deinit {
    jv_free(object)
  }

  package mutating func set(_ key: JQKey, _ value: consuming JQValue) {
    replace(key, value.release())
  }

  package mutating func setNull(_ key: JQKey) {
    replace(key, jv_null())
  }

  package mutating func set(_ key: JQKey, _ value: Bool) {
    replace(key, value ? jv_true() : jv_false())
  }

  package mutating func set(_ key: JQKey, _ value: Double) {
    replace(key, jv_number(value))
  }

  /// Sets a string; what is not UTF-8 becomes U+FFFD.
  package mutating func set(_ key: JQKey, string bytes: UnsafeRawBufferPointer) {
    replace(key, jv.string(bytes))
  }

  /// The object.
  package consuming func finish() -> JQValue {
    let object = object
    discard self
    return JQValue(owning: object)
  }

  private mutating func replace(_ key: JQKey, _ value: jv) {
    object = jv_object_set(object, jv_copy(key.raw), value)
  }
}
