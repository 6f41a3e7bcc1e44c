/// A small map from batch identity to value that is walked in the order of identity.
///
/// A sorted array: what is in flight is bounded by the window, mostly appended at the end and removed at
/// the front. A dictionary would be walked in an order that differs from process to process.
package struct BatchTable<Value> {
  package private(set) var ids: [BatchID] = []
  package private(set) var values: [Value] = []

  package init() {}

  package var count: Int { ids.count }
  package var isEmpty: Bool { ids.isEmpty }

  /// The position of an id, or nil.
  package func index(of id: BatchID) -> Int? {
    let position = insertionPoint(for: id)
    return position < ids.count && ids[position] == id ? position : nil
  }

  package subscript(position position: Int) -> Value {
    get { values[position] }
    _modify { yield &values[position] }
  }

  /// Adds a value under an id that is not in the table.
  package mutating func insert(_ value: Value, for id: BatchID) {
    let position = insertionPoint(for: id)
    precondition(position == ids.count || ids[position] != id, "the batch is already in the table")
    ids.insert(id, at: position)
    values.insert(value, at: position)
  }

  @discardableResult
  package mutating func remove(_ id: BatchID) -> Value? {
    guard let position = index(of: id) else { return nil }
    ids.remove(at: position)
    return values.remove(at: position)
  }

  private func insertionPoint(for id: BatchID) -> Int {
    if let last = ids.last, last < id { return ids.count }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension BatchTable: Sendable where Value: Sendable {}
