extension DecodingMessage {
  /// Where the value ends that begins here.
  func end(of place: Int) throws(DecodingError) -> Int {
    var place = place
    var open: [Bool] = []
    try step(over: &place, &open)
    try finish(at: &place, &open)
    return place
  }

  /// Where the container ends whose next element or key is here.
  func endOfContainer(keyed: Bool, from place: Int) throws(DecodingError) -> Int {
    var place = place
    var open = [keyed]
    try finish(at: &place, &open)
    return place
  }

  /// Steps until no container is open. Not recursive: bytes must not decide on the stack's depth.
  private func finish(at place: inout Int, _ open: inout [Bool]) throws(DecodingError) {
    while let keyed = open.last {
      if keyed {
        guard try key(at: &place) != nil else {
          open.removeLast()
          continue
        }
      } else if try tag(at: place) == ValueTag.end {
        place += 1
        open.removeLast()
        continue
      }
      try step(over: &place, &open)
    }
  }

  /// Past a value without containers, or into a container.
  private func step(over place: inout Int, _ open: inout [Bool]) throws(DecodingError) {
    let tag = try tag(at: place)
    switch tag {
    case ValueTag.keyed, ValueTag.unkeyed:
      guard open.count < ValueCoding.deepest + 1 else { throw Self.corrupted("it is nested too deep") }
      open.append(tag == ValueTag.keyed)
      place += 1
    case ValueTag.packed: _ = try packedRun(at: &place)
    case ValueTag.run where open.last == false: _ = try packedRun(at: &place)
    case ValueTag.smallest..., ValueTag.null, ValueTag.no, ValueTag.yes: place += 1
    case ValueTag.integer:
      place += 1
      _ = try count(at: &place)
    case ValueTag.float: place += 1; _ = try take(4, at: &place)
    case ValueTag.unsigned, ValueTag.double: place += 1; _ = try take(8, at: &place)
    case ValueTag.wide, ValueTag.wideUnsigned: place += 1; _ = try take(16, at: &place)
    case ValueTag.string:
      place += 1
      let size = try count(at: &place)
      _ = try take(size, at: &place)
    default: throw Self.corrupted("there is no value of kind \(tag)")
    }
  }
}
