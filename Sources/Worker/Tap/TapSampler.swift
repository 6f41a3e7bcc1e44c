/// Which records of each batch are looked at: the first of all, then one in so many, across batches.
struct TapSampler {
  /// Records of one batch, by index: `first`, and from there each `every`th, `count` in all.
  struct Choice: Equatable {
    var first: Int
    var every: Int
    var count: Int
  }

  private let every: UInt64
  private var passedOver: UInt64

  /// `every`: 1 for all; 0 means 1.
  init(every: UInt64) {
    self.every = max(1, every)
    passedOver = 0
  }

  /// Nil where a batch has none. Costs the same for any number of records.
  mutating func choose(from records: Int) -> Choice? {
    guard records > 0 else { return nil }
    let records = UInt64(records)
    guard passedOver < records else {
      passedOver -= records
      return nil
    }
    let first = passedOver
    let count = (records - first - 1) / every + 1
    // How far beyond this batch the next one lies.
    passedOver = every - (records - (first + (count - 1) * every))
    return Choice(first: Int(first), every: Int(clamping: every), count: Int(count))
  }
}
