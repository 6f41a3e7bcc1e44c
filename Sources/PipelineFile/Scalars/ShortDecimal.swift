/// A short decimal number of at most nine decimals, exact.
struct ShortDecimal {
  private let digits: UInt64
  private let decimals: Int

  init?(_ text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !whole.isEmpty, whole.count <= 9 else { return nil }
    let fraction = parts.count > 1 ? parts[1] : ""
    guard parts.count == 1 || !fraction.isEmpty, fraction.count <= 9 else { return nil }
    guard (whole + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    guard let digits = UInt64(whole + fraction) else { return nil }
    self.digits = digits
    decimals = fraction.count
  }

  /// The product, rounded down; nil if it is too large.
  func scaled(by factor: UInt64) -> UInt64? {
    let divisor = (0..<decimals).reduce(UInt64(1)) { power, _ in power * 10 }
    let (high, low) = digits.multipliedFullWidth(by: factor)
    guard high < divisor else { return nil }
    return divisor.dividingFullWidth((high, low)).quotient
  }
}
