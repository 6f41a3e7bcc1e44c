import Glibc
import Records

// Fields of records: what a cell or a member means is decided when it is first read.
extension NativeMachine {
  @inline(__always)
  mutating func field(_ slot: Int) -> NativeValue {
    let value = fields[slot]
    if value.kind < .cell { return value }
    let settled = settle(value)
    fields[slot] = settled
    return settled
  }

  private mutating func settle(_ value: NativeValue) -> NativeValue {
    switch value.kind {
    case .cell: return settle(cell: value.bytes)
    case .quotedCell: return withoutDoubledQuotes(value.bytes)
    case .escaped: return unescaped(value.bytes)
    default: return value
    }
  }

  /// What an unquoted cell of a column without a type means.
  private func settle(cell: UnsafeRawBufferPointer) -> NativeValue {
    for null in nulls where null.count == cell.count {
      if null.isEmpty || memcmp(null, cell.baseAddress!, cell.count) == 0 { return .null }
    }
    guard let first = cell.first else { return NativeValue(.string, cell) }
    if first &- 0x30 < 10 || first == UInt8(ascii: "-") {
      if let number = DecimalText.plain(cell) { return NativeValue(number) }
      if JSONNumber.isFinite(cell) { return NativeValue(DecimalText.value(cell)) }
    } else if cell.count == 4, memcmp(cell.baseAddress!, "true", 4) == 0 {
      return NativeValue(true)
    } else if cell.count == 5, memcmp(cell.baseAddress!, "false", 5) == 0 {
      return NativeValue(false)
    }
    return NativeValue(.string, cell)
  }

  private mutating func withoutDoubledQuotes(_ content: UnsafeRawBufferPointer) -> NativeValue {
    guard let start = room(content.count) else { return .bail }
    var count = 0
    var index = 0
    while index < content.count {
      start[count] = content[index]
      count += 1
      index += content[index] == UInt8(ascii: "\"") ? 2 : 1
    }
    return NativeValue(.string, UnsafeRawBufferPointer(start: start, count: count))
  }

  /// What a JSON string stands for, unless it has `\u`.
  private mutating func unescaped(_ content: UnsafeRawBufferPointer) -> NativeValue {
    guard let start = room(content.count) else { return .bail }
    var count = 0
    var index = 0
    while index < content.count {
      var byte = content[index]
      if byte == UInt8(ascii: "\\") {
        index += 1
        switch content[index] {
        case UInt8(ascii: "b"): byte = 0x08
        case UInt8(ascii: "f"): byte = 0x0c
        case UInt8(ascii: "n"): byte = 0x0a
        case UInt8(ascii: "r"): byte = 0x0d
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "u"): return .bail
        case let other: byte = other
        }
      }
      start[count] = byte
      count += 1
      index += 1
    }
    return NativeValue(.string, UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The field number `name` of a value.
  mutating func path(_ base: NativeValue, _ name: Int) -> NativeValue {
    switch base.kind {
    case .null: return base
    case .joined: return base.fields[name]
    case .object: return member(pathNames[name], of: base.bytes)
    default: return .bail
    }
  }

  private mutating func member(_ name: [UInt8], of object: UnsafeRawBufferPointer) -> NativeValue {
    var found = NativeValue.null
    var isFound = false
    do {
      var members = try JSONFields(object)
      while let member = try members.next() {
        if member.nameHasEscapes { return .bail }
        guard member.name.count == name.count,
          name.isEmpty || memcmp(name, object.baseAddress! + member.name.lowerBound, name.count) == 0
        else { continue }
        if isFound { return .bail }
        isFound = true
        found = Self.value(of: member, in: object)
      }
    } catch {
      return .bail
    }
    return settle(found)
  }

  static func value(of member: JSONMember, in text: UnsafeRawBufferPointer) -> NativeValue {
    let value = text.bytes(member.value)
    switch member.kind {
    case .null: return .null
    case .boolean: return NativeValue(value.count == 4)
    case .number: return DecimalText.plain(value).map { NativeValue($0) } ?? .bail
    case .string:
      let content = text.bytes(member.stringContent)
      let hasEscapes = memchr(content.baseAddress!, 0x5c, content.count) != nil
      return NativeValue(hasEscapes ? .escaped : .string, content)
    case .array: return NativeValue(.array, value)
    case .object: return NativeValue(.object, value)
    }
  }

  /// Takes the JSON object in `record` as the record; false where libjq has to judge it.
  ///
  /// It goes over the whole text, so that what is not JSON is never answered.
  package mutating func load(json record: UnsafeRawBufferPointer) -> Bool {
    begin()
    guard !hasSurrogate(record) else { return false }
    for slot in 0..<fieldCount { fields[slot] = NativeValue(.none) }
    do {
      var members = try JSONFields(record)
      var hint = 0
      while let member = try members.next() {
        if member.nameHasEscapes { return false }
        if member.kind == .array || member.kind == .object, isDeep(record.bytes(member.value)) {
          return false
        }
        guard let slot = slot(of: record.bytes(member.name), hint) else { continue }
        guard fields[slot].kind == .none else { return false }
        fields[slot] = Self.value(of: member, in: record)
        hint = slot + 1
      }
    } catch {
      return false
    }
    for slot in 0..<fieldCount where fields[slot].kind == .none { fields[slot] = .null }
    return true
  }

  private func slot(of name: UnsafeRawBufferPointer, _ hint: Int) -> Int? {
    var slot = hint
    for _ in 0..<fieldCount {
      if slot >= fieldCount { slot = 0 }
      let count = fieldNames[slot].count
      if count == name.count,
        count == 0 || memcmp(fieldNames[slot], name.baseAddress!, count) == 0
      {
        return slot
      }
      slot += 1
    }
    return nil
  }

  /// Whether an escaped surrogate may stand in it: libjq refuses those that are no pair.
  private func hasSurrogate(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count > 0, memchr(text.baseAddress!, 0x5c, text.count) != nil else { return false }
    for index in 0..<text.count &- 1 where text[index] == UInt8(ascii: "u") {
      if text[index &+ 1] | 0x20 == UInt8(ascii: "d"), index > 0, text[index &- 1] == 0x5c { return true }
    }
    return false
  }

  /// Whether it may nest deeper than libjq's parser goes.
  private func isDeep(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count > 400 else { return false }
    var brackets = 0
    for byte in text where byte | 0x20 == UInt8(ascii: "{") { brackets += 1 }
    return brackets > 200
  }
}
