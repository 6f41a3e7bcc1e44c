/// Which records of each batch are looked at: the first of all, then one in so many, across batches.
package struct TapSampler: Sendable {
  /// Records of one batch, by index: `first`, and from there each `every`th, `count` in all.
  package struct Choice: Equatable, Sendable {
    package var first: Int
    package var every: Int
    package var count: Int

    package init(first: Int, every: Int, count: Int) {
      self.first = first
      self.every = every
      self.count = count
    }
  }

  private let every: UInt64
  private var passedOver: UInt64

  /// `every`: 1 for all; 0 means 1.
  package init(every: UInt64) {
    self.every = max(1, every)
    passedOver = 0
  }

  /// Nil where a batch has none. Costs the same for any number of records.
  package mutating func choose(from records: Int) -> Choice? {
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
