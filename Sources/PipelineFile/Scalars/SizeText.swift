/// Sizes in bytes, written with their unit: `512B`, `64KiB`, `1.5MiB`, `2GiB`.
package enum SizeText {
  private static let units: [(suffix: String, bytes: UInt64)] = [
    ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
  ]

  package static func parse(_ text: String) throws(ScalarProblem) -> UInt64 {
    let split = text.firstIndex { !($0.isASCII && $0.isNumber) && $0 != "." } ?? text.endIndex
    let digits = String(text[..<split])
    let suffix = String(text[split...])
    guard let decimal = ShortDecimal(digits) else {
      throw ScalarProblem(
        "\(quoted(text)) is no size", "write a number and its unit, such as 512KiB or 64MiB")
    }
    guard !suffix.isEmpty else {
      throw ScalarProblem(
        "the size \(quoted(text)) has no unit", "write \(digits)B, \(digits)KiB or \(digits)MiB")
    }
    guard let unit = units.first(where: { $0.suffix == suffix }) else {
      throw ScalarProblem(
        "\(quoted(suffix)) is no unit of size", "the units are \(alternatives(units.map(\.suffix)))")
    }
    guard let result = decimal.scaled(by: unit.bytes), result <= 1 << 50 else {
      throw ScalarProblem("the size \(quoted(text)) is too large", "the largest is 1048576GiB")
    }
    return result
  }

  /// The shortest text that `parse` reads as the same size.
  package static func format(_ bytes: UInt64) -> String {
    let unit = units.last { bytes >= $0.bytes && bytes % $0.bytes == 0 } ?? units[0]
    return "\(bytes / unit.bytes)\(unit.suffix)"
  }
}
