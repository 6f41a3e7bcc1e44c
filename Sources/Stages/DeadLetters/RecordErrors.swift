import POSIXKit
import PipelineFile
import Records

/// What a stage does about the records of one batch that it can't work on, and those that it did it to.
///
/// `fail` throws at the first; `drop` counts; `dead-letter` keeps them for the stage that stores letters.
package struct RecordErrors: ~Copyable {
  package let policy: ErrorPlan.OnError
  /// Who gives the records up: `clean.1`.
  private let worker: String
  /// Indices of records in the batch, ascending, that are passed over because they ended their workers.
  package var condemned: [UInt32] = []
  /// Makes the letter of a condemned record of its index, its line in the input file (0: not known) and its
  /// bytes: only the caller knows how its workers ended.
  package var condemnedLetter: (_ record: Int, _ line: UInt64, _ bytes: UnsafeRawBufferPointer) -> Letter
  /// Index in its batch of the record that callers count as 0: where records are handed over one by one.
  package var firstRecord = 0
  package private(set) var dropped = 0
  private var letters: [Letter] = []

  package init(policy: ErrorPlan.OnError, worker: String) {
    self.policy = policy
    self.worker = worker
    condemnedLetter = { record, line, bytes in
      Letter(
        record: UInt32(record), line: line, cause: .death("not known"), worker: worker, time: WallClock.now(),
        bytes: Array(bytes))
    }
  }

  /// Records that became letters, the condemned included.
  package var deadCount: Int { letters.count }
  package var isEmpty: Bool { dropped == 0 && letters.isEmpty }

  /// Notes a refused record, or throws the failure that ends the run. `record` is its index in the batch,
  /// `line` its line in the input file (0: not known), `step` counts from 1 (0: the stage as a whole), `text`
  /// says what is wrong without the place, `bytes` is the record as the stage took it.
  package mutating func refuse(
    record: Int, line: UInt64, step: Int = 0, text: @autoclosure () -> String,
    bytes: UnsafeRawBufferPointer, failure: @autoclosure () -> StageFailure
  ) throws(StageFailure) {
    switch policy {
    case .fail: throw failure()
    case .drop: dropped += 1
    case .deadLetter:
      letters.append(
        Letter(
          record: UInt32(firstRecord + record), line: line, step: UInt16(step), cause: .error(text()),
          worker: worker,
          time: WallClock.now(), bytes: Array(bytes)))
    }
  }

  /// Adds a letter that the caller made: it is kept whatever the policy says.
  package mutating func add(_ letter: Letter) { letters.append(letter) }

  /// Adds the letter of a condemned record, which is kept whatever the policy says.
  package mutating func passOver(record: Int, line: UInt64, bytes: UnsafeRawBufferPointer) {
    letters.append(condemnedLetter(record, line, bytes))
  }

  /// Tells the condemned records from the others on the way through the batch.
  var condemnedOnes: CondemnedRecords { CondemnedRecords(condemned) }

  /// The letters in the order of their records; what is left is empty.
  package mutating func takeLetters() -> [Letter] {
    defer { letters = [] }
    return letters.sorted { $0.record < $1.record }
  }

  /// Ready for the next batch.
  package mutating func removeAll() {
    condemned = []
    firstRecord = 0
    dropped = 0
    letters = []
  }
}

/// A walk over the condemned records of a batch, beside one over all of them.
struct CondemnedRecords {
  private let records: [UInt32]
  private var position = 0
  /// The next one, or more than any index.
  private var next: Int

  init(_ records: [UInt32]) {
    self.records = records
    next = records.first.map(Int.init) ?? .max
  }

  /// Whether a record is one; asked of each record once, in ascending order.
  @inline(__always)
  mutating func contains(_ record: Int) -> Bool {
    if record < next { return false }
    return advance(to: record)
  }

  private mutating func advance(to record: Int) -> Bool {
    let isOne = record == next
    while position < records.count, records[position] <= UInt32(record) { position += 1 }
    next = position < records.count ? Int(records[position]) : .max
    return isOne
  }
}
