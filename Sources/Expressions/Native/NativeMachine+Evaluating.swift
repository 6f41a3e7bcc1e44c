import Glibc
import Records

extension NativeMachine {
  /// What the node yields with `dot` as its `.`.
  mutating func evaluate(_ index: Int32, _ dot: NativeValue) -> NativeValue {
    let node = nodes + Int(index)
    switch node.pointee.operation {
    case .constant: return node.pointee.value
    case .dot: return dot
    case .record: return field(Int(node.pointee.first))
    case .join: return joinedRow(Int(node.pointee.first))
    case .path: return path(evaluate(node.pointee.first, dot), Int(node.pointee.second))
    case .pipe:
      let value = evaluate(node.pointee.first, dot)
      if value.kind >= .none { return value }
      return evaluate(node.pointee.second, value)
    case .condition:
      let test = evaluate(node.pointee.first, dot)
      if test.kind == .bail { return .bail }
      return evaluate(test.isTrue ? node.pointee.second : node.pointee.third, dot)
    case .alternative:
      let first = evaluate(node.pointee.first, dot)
      return first.isTrue ? first : evaluate(node.pointee.second, dot)
    case .and, .or:
      let first = evaluate(node.pointee.first, dot)
      if first.kind == .bail { return .bail }
      let decides = node.pointee.operation == .or
      if first.isTrue == decides { return NativeValue(decides) }
      let second = evaluate(node.pointee.second, dot)
      return second.kind == .bail ? .bail : NativeValue(second.isTrue)
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      let first = evaluate(node.pointee.first, dot)
      let second = evaluate(node.pointee.second, dot)
      return compare(node.pointee.operation, first, second)
    case .add:
      return add(evaluate(node.pointee.first, dot), evaluate(node.pointee.second, dot))
    case .subtract, .multiply, .divide, .remainder:
      let first = evaluate(node.pointee.first, dot)
      let second = evaluate(node.pointee.second, dot)
      guard first.kind == .number, second.kind == .number else { return .bail }
      return calculate(node.pointee.operation, first.number, second.number)
    case .negate:
      let value = evaluate(node.pointee.first, dot)
      return value.kind == .number ? NativeValue(-value.number) : .bail
    case .concatenation:
      var whole = NativeValue("")
      for position in 0..<node.pointee.second {
        let part = string(of: evaluate(lists[Int(node.pointee.first + position)], dot))
        whole = concatenate(whole, part)
        if whole.kind == .bail { return .bail }
      }
      return whole
    case .select:
      let test = evaluate(node.pointee.first, dot)
      if test.kind == .bail { return .bail }
      return test.isTrue ? dot : NativeValue(.none)
    case .not: return dot.kind == .bail ? .bail : NativeValue(!dot.isTrue)
    case .toString: return string(of: dot)
    case .toNumber: return number(of: dot)
    case .length: return length(of: dot)
    case .round, .floor, .ceil: return round(node.pointee.operation, dot)
    case .downcase: return changeCase(dot, from: UInt8(ascii: "A"))
    case .upcase: return changeCase(dot, from: UInt8(ascii: "a"))
    case .object, .member: return .bail
    }
  }

  private func compare(
    _ operation: NativeNode.Operation, _ first: NativeValue, _ second: NativeValue
  ) -> NativeValue {
    guard let left = first.rank, let right = second.rank else { return .bail }
    var order = Int(left) - Int(right)
    if order == 0 {
      switch first.kind {
      case .null, .no, .yes: break
      case .number:
        order = first.number < second.number ? -1 : first.number == second.number ? 0 : 1
      case .string:
        let common = min(first.count, second.count)
        if common > 0 {
          order = Int(memcmp(first.bytes.baseAddress!, second.bytes.baseAddress!, common))
        }
        if order == 0 { order = first.count - second.count }
      default: return .bail
      }
    }
    switch operation {
    case .equal: return NativeValue(order == 0)
    case .unequal: return NativeValue(order != 0)
    case .less: return NativeValue(order < 0)
    case .lessOrEqual: return NativeValue(order <= 0)
    case .greater: return NativeValue(order > 0)
    default: return NativeValue(order >= 0)
    }
  }

  private mutating func add(_ first: NativeValue, _ second: NativeValue) -> NativeValue {
    switch (first.kind, second.kind) {
    case (.number, .number): return finite(first.number + second.number)
    case (.string, .string): return concatenate(first, second)
    case (.null, ...NativeValue.Kind.string): return second
    case (...NativeValue.Kind.string, .null): return first
    default: return .bail
    }
  }

  private func calculate(
    _ operation: NativeNode.Operation, _ first: Double, _ second: Double
  ) -> NativeValue {
    switch operation {
    case .subtract: return finite(first - second)
    case .multiply: return finite(first * second)
    case .divide: return second == 0 ? .bail : finite(first / second)
    default:
      guard first.magnitude < 0x1p53, second.magnitude < 0x1p53 else { return .bail }
      let (left, right) = (Int(first), Int(second))
      guard Double(left) == first, Double(right) == second, right != 0 else { return .bail }
      return NativeValue(Double(left % right))
    }
  }

  /// Infinities and what is no number at all have rules of their own.
  private func finite(_ number: Double) -> NativeValue { number.isFinite ? NativeValue(number) : .bail }

  private func round(_ operation: NativeNode.Operation, _ value: NativeValue) -> NativeValue {
    guard value.kind == .number else { return .bail }
    switch operation {
    case .round: return NativeValue(value.number.rounded())
    case .floor: return NativeValue(value.number.rounded(.down))
    default: return NativeValue(value.number.rounded(.up))
    }
  }

  private func length(of value: NativeValue) -> NativeValue {
    switch value.kind {
    case .null: return NativeValue(0)
    case .number: return NativeValue(value.number.magnitude)
    case .string: return isASCII(value.bytes) ? NativeValue(Double(value.count)) : .bail
    default: return .bail
    }
  }

  /// Only for the plain forms: jq has a parser of its own for the rest.
  private func number(of value: NativeValue) -> NativeValue {
    switch value.kind {
    case .number: return value
    case .string: return DecimalText.plain(value.bytes).map { NativeValue($0) } ?? .bail
    default: return .bail
    }
  }

  private func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var seen: UInt8 = 0
    for byte in bytes { seen |= byte }
    return seen < 0x80
  }

  mutating func string(of value: NativeValue) -> NativeValue {
    switch value.kind {
    case .string: return value
    case .null: return NativeValue("null")
    case .yes: return NativeValue("true")
    case .no: return NativeValue("false")
    case .number:
      guard let start = room(JSONNumberText.maximumCount) else { return .bail }
      let count = JSONNumberText.write(
        value.number,
        to: UnsafeMutableRawBufferPointer(start: start, count: JSONNumberText.maximumCount))
      return NativeValue(.string, UnsafeRawBufferPointer(start: start, count: count))
    default: return .bail
    }
  }

  private mutating func concatenate(_ first: NativeValue, _ second: NativeValue) -> NativeValue {
    guard first.kind == .string, second.kind == .string else { return .bail }
    if first.count == 0 { return second }
    if second.count == 0 { return first }
    guard let start = room(first.count + second.count) else { return .bail }
    memcpy(start, first.bytes.baseAddress!, first.count)
    memcpy(start + first.count, second.bytes.baseAddress!, second.count)
    return NativeValue(
      .string, UnsafeRawBufferPointer(start: start, count: first.count + second.count))
  }

  private mutating func changeCase(_ value: NativeValue, from first: UInt8) -> NativeValue {
    guard value.kind == .string, isASCII(value.bytes), let start = room(value.count) else { return .bail }
    for (index, byte) in value.bytes.enumerated() {
      start[index] = byte &- first < 26 ? byte ^ 0x20 : byte
    }
    return NativeValue(.string, UnsafeRawBufferPointer(start: start, count: value.count))
  }
}
