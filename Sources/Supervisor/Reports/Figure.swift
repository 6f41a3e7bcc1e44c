/// Numbers in messages, without a formatter.
package enum Figure {
  /// `1.23 s` for nanoseconds.
  package static func seconds(_ nanoseconds: UInt64) -> String {
    "\(fixed(Double(nanoseconds) / 1e9, 2)) s"
  }

  /// What is below 0 is 0.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = UInt64((max(0, value) * scale).rounded())
    if decimals == 0 { return String(scaled) }
    let fraction = String(scaled % UInt64(scale))
    return "\(scaled / UInt64(scale))." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// `62 %`; that of nothing is 0.
  package static func percent(_ part: UInt64, of whole: UInt64) -> String {
    percent(whole == 0 ? 0 : Double(part) / Double(whole))
  }

  /// `62 %` for 0.62.
  package static func percent(_ share: Double) -> String { "\(fixed(share * 100, 0)) %" }
}
