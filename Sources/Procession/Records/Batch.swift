import Records
import Stages

/// Records that travel together: a sequence of ``Record``, borrowed for the call that hands it out.
public struct Batch: Sequence {
  /// How many records there are.
  public var count: Int { entries.count }

  private let entries: ArraySlice<RecordTable.Entry>
  private let text: UnsafeRawBufferPointer

  init(_ table: RecordTable) {
    entries = table.entries[...]
    text = table.text
  }

  private init(_ entries: ArraySlice<RecordTable.Entry>, _ text: UnsafeRawBufferPointer) {
    self.entries = entries
    self.text = text
  }

  /// A record by its position, from 0.
  public subscript(position: Int) -> Record {
    let index = entries.startIndex + position
    let entry = entries[index]
    return Record(bytes: text.bytes(entry.range), line: entry.line, position: index)
  }

  /// The batch that holds one of the records alone; the record keeps its place in the whole.
  func only(_ index: Int) -> Batch { Batch(entries[index...index], text) }

  /// The records, in order.
  public func makeIterator() -> Iterator { Iterator(batch: self) }

  /// The records, in order.
  public struct Iterator: IteratorProtocol {
    fileprivate let batch: Batch
    private var position = 0

    fileprivate init(batch: Batch) { self.batch = batch }

    /// The next record.
    public mutating func next() -> Record? {
      guard position < batch.count else { return nil }
      defer { position += 1 }
      return batch[position]
    }
  }
}
