extension NativeMachine {
  /// Writes what the node yields with `dot` as its `.`.
  mutating func write(_ index: Int32, _ dot: NativeValue) -> Outcome {
    let node = nodes + Int(index)
    switch node.pointee.operation {
    case .object:
      text.append(UInt8(ascii: "{"))
      for position in 0..<node.pointee.second {
        if position > 0 { text.append(UInt8(ascii: ",")) }
        let member = nodes + Int(lists[Int(node.pointee.first + position)])
        text.append(member.pointee.value.bytes)
        if write(member.pointee.first, dot) == .bail { return .bail }
      }
      text.append(UInt8(ascii: "}"))
      return .yes
    case .concatenation:
      text.append(UInt8(ascii: "\""))
      for position in 0..<node.pointee.second {
        let part = evaluate(lists[Int(node.pointee.first + position)], dot)
        if part.kind == .number {
          text.append(part.number)
        } else {
          let string = string(of: part)
          if string.kind == .bail { return .bail }
          text.append(escaping: string.bytes)
        }
      }
      text.append(UInt8(ascii: "\""))
      return .yes
    case .pipe:
      let value = evaluate(node.pointee.first, dot)
      if value.kind >= .none { return value.kind == .none ? .no : .bail }
      return write(node.pointee.second, value)
    case .condition:
      let test = evaluate(node.pointee.first, dot)
      if test.kind == .bail { return .bail }
      return write(test.isTrue ? node.pointee.second : node.pointee.third, dot)
    default: return write(evaluate(index, dot))
    }
  }

  private mutating func write(_ value: NativeValue) -> Outcome {
    switch value.kind {
    case .null: text.append("null")
    case .no: text.append("false")
    case .yes: text.append("true")
    case .number: text.append(value.number)
    case .string:
      text.append(UInt8(ascii: "\""))
      text.append(escaping: value.bytes)
      text.append(UInt8(ascii: "\""))
    case .none: return .no
    default: return .bail
    }
    return .yes
  }
}
