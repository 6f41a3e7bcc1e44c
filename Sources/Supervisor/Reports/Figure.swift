/// Numbers in messages, without a formatter.
enum Figure {
  /// `1.23 s` for nanoseconds.
  static func seconds(_ nanoseconds: UInt64) -> String { "\(fixed(Double(nanoseconds) / 1e9)) s" }

  /// Two decimals.
  static func fixed(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
