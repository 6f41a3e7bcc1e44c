import CJq

/// Writes values as compact JSON, byte for byte as `jq -c` of jq 1.6 prints them.
///
/// Fields come in the order of insertion. It keeps one buffer from value to value, so it allocates nothing once
/// that has grown. Belongs to one thread.
package struct JSONTextWriter: ~Copyable {
  private var buffer: UnsafeMutableRawBufferPointer
  private var count = 0
  private let sortsKeys: Bool

  /// With sorted keys (and zeros without a sign) equal values have one text.
  package init(sortsKeys: Bool = false) {
    self.sortsKeys = sortsKeys
    buffer = .allocate(byteCount: 4096, alignment: 16)
  }

  deinit {
    buffer.deallocate()
  }

  /// Appends the text of `value` to `sink`, without a newline.
  package mutating func append<Sink: ByteSink & ~Copyable>(_ value: borrowing JQValue, to sink: inout Sink) {
    count = 0
    write(value.raw)
    sink.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }

  /// Lends the text of `value`, without a newline, to `body`.
  package mutating func withText<Result: ~Copyable, Failure: Error>(
    of value: borrowing JQValue, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    count = 0
    write(value.raw)
    return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
  }

  private mutating func write(_ value: jv) {
    switch jv_get_kind(value) {
    case JV_KIND_TRUE: put("true")
    case JV_KIND_FALSE: put("false")
    case JV_KIND_NUMBER:
      reserve(JSONNumberText.maximumCount)
      let number = jv_number_value(value)
      count += JSONNumberText.write(
        sortsKeys && number == 0 ? 0 : number, to: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
    case JV_KIND_STRING: write(string: value.stringBytes)
    case JV_KIND_ARRAY:
      put(UInt8(ascii: "["))
      for index in 0..<jv_array_length(jv_copy(value)) {
        if index > 0 { put(UInt8(ascii: ",")) }
        let element = jv_array_get(jv_copy(value), index)
        write(element)
        jv_free(element)
      }
      put(UInt8(ascii: "]"))
    case JV_KIND_OBJECT: sortsKeys ? write(sorting: value) : write(object: value)
    default: put("null")
    }
  }

  private mutating func write(object: jv) {
    put(UInt8(ascii: "{"))
    var isFirst = true
    var iterator = jv_object_iter(object)
    while jv_object_iter_valid(object, iterator) != 0 {
      if !isFirst { put(UInt8(ascii: ",")) }
      isFirst = false
      let key = jv_object_iter_key(object, iterator)
      write(string: key.stringBytes)
      jv_free(key)
      put(UInt8(ascii: ":"))
      let value = jv_object_iter_value(object, iterator)
      write(value)
      jv_free(value)
      iterator = jv_object_iter_next(object, iterator)
    }
    put(UInt8(ascii: "}"))
  }

  private mutating func write(sorting object: jv) {
    put(UInt8(ascii: "{"))
    let keys = jv_keys(jv_copy(object))
    for index in 0..<jv_array_length(jv_copy(keys)) {
      if index > 0 { put(UInt8(ascii: ",")) }
      let key = jv_array_get(jv_copy(keys), index)
      write(string: key.stringBytes)
      put(UInt8(ascii: ":"))
      let value = jv_object_get(jv_copy(object), key)
      write(value)
      jv_free(value)
    }
    jv_free(keys)
    put(UInt8(ascii: "}"))
  }

  private mutating func write(string bytes: UnsafeRawBufferPointer) {
    // At worst every byte becomes six.
    reserve(bytes.count * 6 + 2)
    buffer[count] = UInt8(ascii: "\"")
    count += 1
    for byte in bytes {
      if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != 0x7f {
        buffer[count] = byte
        count += 1
      } else {
        escape(byte)
      }
    }
    buffer[count] = UInt8(ascii: "\"")
    count += 1
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): put("\\\"")
    case UInt8(ascii: "\\"): put("\\\\")
    case 0x08: put("\\b")
    case 0x09: put("\\t")
    case 0x0a: put("\\n")
    case 0x0c: put("\\f")
    case 0x0d: put("\\r")
    default:
      put("\\u00")
      put(hexadecimal: byte >> 4)
      put(hexadecimal: byte & 15)
    }
  }

  private mutating func put(hexadecimal digit: UInt8) {
    put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }

  private mutating func put(_ byte: UInt8) {
    reserve(1)
    buffer[count] = byte
    count += 1
  }

  private mutating func put(_ text: StaticString) {
    reserve(text.utf8CodeUnitCount)
    for index in 0..<text.utf8CodeUnitCount { buffer[count + index] = text.utf8Start[index] }
    count += text.utf8CodeUnitCount
  }

  private mutating func reserve(_ extra: Int) {
    guard count + extra > buffer.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(buffer.count * 2, count + extra), alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    buffer.deallocate()
    buffer = larger
  }
}
