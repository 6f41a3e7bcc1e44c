/// The small types of the schema.
enum Scalars {
  static func boolean(_ text: String) throws(ScalarProblem) -> Bool {
    switch text {
    case "true": return true
    case "false": return false
    default: throw ScalarProblem("\(quoted(text)) is no boolean", "write true or false")
    }
  }

  static func integer(_ text: String, in range: ClosedRange<Int>) throws(ScalarProblem) -> Int {
    let digits = range.lowerBound < 0 && text.hasPrefix("-") ? text.dropFirst() : text[...]
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber else {
      throw ScalarProblem(
        "\(quoted(text)) is no whole number", "write one from \(range.lowerBound) to \(range.upperBound)")
    }
    guard let value = Int(text), range.contains(value) else {
      throw ScalarProblem(
        "\(text) is out of range", "write a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One of an enumeration's texts.
  static func choice<Choice>(_ text: String, of type: Choice.Type) throws(ScalarProblem) -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    let hint = nearest(to: text, among: known).map { "did you mean \(quoted($0))? " } ?? ""
    throw ScalarProblem("\(quoted(text)) is not one of the choices", "\(hint)write \(alternatives(known))")
  }

  /// Names of pipelines and stages: they are parts of paths and of addresses such as `clean.0`.
  static func name(_ text: String) throws(ScalarProblem) -> String {
    let isName = !text.isEmpty && text.utf8.allSatisfy(isNameByte)
    guard isName else {
      throw ScalarProblem(
        "\(quoted(text)) is no name",
        "write small letters, digits, '-' and '_', such as \(quoted(nameLike(text)))")
    }
    guard text.utf8.count <= 64 else {
      throw ScalarProblem("the name \(quoted(text)) is too long", "write at most 64 characters")
    }
    return text
  }

  /// A name made of any text, such as a file's.
  static func nameLike(_ text: String) -> String {
    var result = ""
    for scalar in text.lowercased().unicodeScalars {
      let isKept = scalar.isASCII && isNameByte(UInt8(scalar.value))
      if isKept { result.unicodeScalars.append(scalar) } else if !result.hasSuffix("-") { result += "-" }
    }
    let trimmed = result.drop { $0 == "-" }
    var name = String(trimmed.prefix(64))
    while name.hasSuffix("-") { name.removeLast() }
    return name.isEmpty ? "pipeline" : name
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
