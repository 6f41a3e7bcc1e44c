/// Walks over JSON text by RFC 8259, strictly, and builds nothing.
///
/// Functions answer false after noting the first error in `failure`. UTF-8 is the source's concern; escaped
/// lone surrogates are allowed, as the RFC's grammar does. Values nest ``JSONValidator/depthLimit`` deep.
struct JSONScanner {
  let base: UnsafeRawPointer
  let count: Int
  var position = 0
  var failure: JSONSyntaxError?

  init(_ text: UnsafeRawBufferPointer) {
    base = text.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
    count = text.count
  }

  @inline(__always)
  func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: offset, as: UInt8.self) }

  /// The byte in hand; 0, which is never right, at the end.
  @inline(__always)
  var current: UInt8 { position < count ? byte(position) : 0 }

  /// Whether a backslash stands in the range.
  @inline(__always)
  func hasBackslash(_ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while range.upperBound &- index >= 8 {
      if Words.equal(Words.load(base + index), Words.repeating(0x5C)) != 0 { return true }
      index &+= 8
    }
    while index < range.upperBound {
      if byte(index) == 0x5C { return true }
      index &+= 1
    }
    return false
  }

  @inline(never)
  mutating func fail(_ expectation: JSONExpectation) -> Bool {
    fail(.expected(expectation, found: position < count ? byte(position) : nil))
  }

  @inline(never)
  mutating func fail(_ problem: JSONProblem) -> Bool {
    failure = JSONSyntaxError(offset: position, problem: problem)
    return false
  }

  @inline(__always)
  mutating func skipWhitespace() {
    // Compact text has none: one comparison as a rule.
    while position < count, byte(position) <= 0x20 {
      let space = byte(position)
      guard space == 0x20 || space == 0x0A || space == 0x0D || space == 0x09 else { return }
      position &+= 1
    }
  }

  /// Kind of the value in hand, nil if none starts here.
  @inline(__always)
  var kind: JSONKind? {
    switch current {
    case 0x22: .string
    case 0x7B: .object
    case 0x5B: .array
    case 0x74, 0x66: .boolean
    case 0x6E: .null
    case 0x2D, 0x30...0x39: .number
    default: nil
    }
  }

  mutating func skipValue(depth: Int, orClosing: Bool = false) -> Bool {
    switch current {
    case 0x22: return skipString()
    case 0x2D, 0x30...0x39: return skipNumber()
    case 0x7B: return skipObject(depth: depth &+ 1)
    case 0x5B: return skipArray(depth: depth &+ 1)
    case 0x74: return skipLiteral(0x6575_7274, 4)
    case 0x66: return skipLiteral(0x736C_6166, 5)
    case 0x6E: return skipLiteral(0x6C6C_756E, 4)
    default: return fail(orClosing ? .valueOrClosingBracket : .value)
    }
  }

  private mutating func skipObject(depth: Int) -> Bool {
    if depth > JSONValidator.depthLimit { return fail(.tooDeep) }
    position &+= 1
    skipWhitespace()
    if current == 0x7D {
      position &+= 1
      return true
    }
    var isFirst = true
    while true {
      guard current == 0x22 else { return fail(isFirst ? .nameOrClosingBrace : .name) }
      isFirst = false
      guard skipString() else { return false }
      skipWhitespace()
      guard current == 0x3A else { return fail(.colon) }
      position &+= 1
      skipWhitespace()
      guard skipValue(depth: depth) else { return false }
      skipWhitespace()
      switch current {
      case 0x2C:
        position &+= 1
        skipWhitespace()
      case 0x7D:
        position &+= 1
        return true
      default: return fail(.commaOrBrace)
      }
    }
  }

  private mutating func skipArray(depth: Int) -> Bool {
    if depth > JSONValidator.depthLimit { return fail(.tooDeep) }
    position &+= 1
    skipWhitespace()
    if current == 0x5D {
      position &+= 1
      return true
    }
    var isFirst = true
    while true {
      guard skipValue(depth: depth, orClosing: isFirst) else { return false }
      isFirst = false
      skipWhitespace()
      switch current {
      case 0x2C:
        position &+= 1
        skipWhitespace()
      case 0x5D:
        position &+= 1
        return true
      default: return fail(.commaOrBracket)
      }
    }
  }

  /// Skips a string from its opening to behind its closing quote.
  @inline(__always)
  mutating func skipString() -> Bool {
    var index = position &+ 1
    while count &- index >= 8 {
      let word = Words.load(base + index)
      let found = Words.first(
        Words.equal(word, Words.repeating(0x22)) | Words.equal(word, Words.repeating(0x5C))
          | Words.controls(word))
      index &+= found
      if found < 8 { break }
    }
    position = index
    if index < count && byte(index) == 0x22 {
      position &+= 1
      return true
    }
    return skipRestOfString()
  }

  /// Goes on in a string that is not over at its first escape, or has less than a word of text behind it.
  @inline(never)
  private mutating func skipRestOfString() -> Bool {
    while true {
      while count &- position >= 8 {
        let word = Words.load(base + position)
        let found = Words.first(
          Words.equal(word, Words.repeating(0x22)) | Words.equal(word, Words.repeating(0x5C))
            | Words.controls(word))
        position &+= found
        if found < 8 { break }
      }
      guard position < count else { return fail(.closingQuote) }
      let next = byte(position)
      if next == 0x22 {
        position &+= 1
        return true
      }
      if next == 0x5C {
        guard skipEscape() else { return false }
      } else if next < 0x20 {
        return fail(.controlInString(next))
      } else {
        position &+= 1
      }
    }
  }

  private mutating func skipEscape() -> Bool {
    position &+= 1
    switch current {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74:
      position &+= 1
      return true
    case 0x75:
      position &+= 1
      for _ in 0..<4 {
        guard JSONString.hexValue(current) != nil else { return fail(.hexDigit) }
        position &+= 1
      }
      return true
    default: return fail(.escape)
    }
  }

  @inline(__always)
  private mutating func skipNumber() -> Bool {
    let (end, problem) = JSONNumber.scan(base, position, count)
    position = end
    if let problem { return problem == .leadingZero ? fail(problem) : fail(.digit) }
    return true
  }

  /// Skips `true`, `false` or `null`, whose first four bytes are `word`.
  private mutating func skipLiteral(_ word: UInt32, _ length: Int) -> Bool {
    guard count &- position >= length,
      UInt32(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt32.self)) == word,
      length == 4 || byte(position &+ 4) == 0x65
    else { return fail(.literal) }
    position &+= length
    return true
  }
}
