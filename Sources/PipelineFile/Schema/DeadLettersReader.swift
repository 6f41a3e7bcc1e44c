/// Reads `dead_letters`.
struct DeadLettersReader {
  let reading: Reading

  func read(_ node: FileNode?) -> DeadLetterPlan {
    let standard = DeadLetterPlan()
    guard let node else {
      reading.note("the pipeline", "dead_letters", "limit 10%, kept until they are dropped")
      return standard
    }
    let fields = Fields(
      node, owner: "'dead_letters' of the pipeline", known: ["limit", "keep"], optional: true,
      reading: reading)
    guard let fields else { return standard }
    let limit = reading.value(fields, "limit", default: standard.limit, shown: "10%", Self.limit)
    let keep = reading.value(fields, "keep", default: standard.keep, shown: "until they are dropped") {
      text throws(ScalarProblem) -> UInt64? in try DurationText.parsePositive(text)
    }
    return DeadLetterPlan(limit: limit, keep: keep)
  }

  /// `10%`, `0.5%`, `500` or `none`.
  static func limit(_ text: String) throws(ScalarProblem) -> DeadLetterPlan.Limit {
    if text == "none" { return .none }
    let isCount = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if isCount, let count = UInt64(text) { return .count(count) }
    guard text.hasSuffix("%"), let decimal = ShortDecimal(String(text.dropLast())) else {
      throw ScalarProblem(
        "\(quoted(text)) is no limit",
        "write a share such as 10%, a number of records such as 500, or none")
    }
    let fraction = text.dropLast().split(separator: ".").dropFirst().first ?? ""
    guard fraction.count <= 2, let hundredths = decimal.scaled(by: 100) else {
      throw ScalarProblem("the share \(quoted(text)) is too exact", "write at most two decimals")
    }
    guard hundredths <= 10_000 else {
      throw ScalarProblem("\(quoted(text)) is more than all records", "write at most 100%, or none")
    }
    return .share(hundredths)
  }

  /// `10%`, `500` or `none`.
  static func shown(_ limit: DeadLetterPlan.Limit) -> String {
    switch limit {
    case .none: return "none"
    case .count(let count): return "\(count)"
    case .share(let hundredths):
      var decimals = String(hundredths % 100)
      if decimals == "0" { return "\(hundredths / 100)%" }
      if decimals.count == 1 { decimals = "0" + decimals }
      if decimals.hasSuffix("0") { decimals.removeLast() }
      return "\(hundredths / 100).\(decimals)%"
    }
  }
}
