/// Tasks that wait for a worker: first what must be done again, then what came, in its order. Pure.
struct PoolQueue: Hashable, Sendable {
  /// Consecutive tasks of a job that are handed in chunks.
  struct Item: Hashable, Sendable {
    var job: UInt64
    var range: Range<Int>
    var chunk: Int
  }

  /// A stack: its last is the next.
  private var again: [Item] = []
  private var items: [Item] = []
  private var first = 0

  var isEmpty: Bool { again.isEmpty && first == items.count }

  mutating func append(_ item: Item) {
    if !item.range.isEmpty { items.append(item) }
  }

  /// Before all others.
  mutating func putBack(_ item: Item) {
    if !item.range.isEmpty { again.append(item) }
  }

  /// Cuts the next chunk off.
  mutating func next() -> Item? {
    if var item = again.popLast() {
      let chunk = Self.cut(&item)
      if !item.range.isEmpty { again.append(item) }
      return chunk
    }
    guard first < items.count else { return nil }
    let chunk = Self.cut(&items[first])
    if items[first].range.isEmpty {
      first += 1
      if first == items.count {
        items.removeAll(keepingCapacity: true)
        first = 0
      } else if first > 1024 && first * 2 > items.count {
        items.removeSubrange(..<first)
        first = 0
      }
    }
    return chunk
  }

  mutating func removeAll(of job: UInt64? = nil) {
    again.removeAll { job == nil || $0.job == job }
    items.removeSubrange(..<first)
    first = 0
    items.removeAll { job == nil || $0.job == job }
  }

  private static func cut(_ item: inout Item) -> Item {
    let end = min(item.range.upperBound, item.range.lowerBound + max(1, item.chunk))
    defer { item.range = end..<item.range.upperBound }
    return Item(job: item.job, range: item.range.lowerBound..<end, chunk: item.chunk)
  }
}
