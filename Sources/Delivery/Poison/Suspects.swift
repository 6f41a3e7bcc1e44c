/// Which batches ended the workers that had them in hand, and which of their records are condemned for it.
///
/// The supervisor keeps one. After a death that it did not cause itself (a stop, a change of scale, chaos), it
/// reads the dead worker's marker, calls ``died(inHand:record:stage:)``, makes a condemnation durable, writes
/// ``entries(ofStage:)`` where all workers of the stage read it when they start on a batch, and only then
/// announces the death. Announced first, the batch would be elsewhere before anybody is warned.
///
/// From its last allowed attempt on a batch is worked on record by record. A record is condemned by its
/// second death in that mode: one could be somebody else's doing. Condemned records are left out and become
/// dead letters. Deaths are counted in memory only; condemnations are journalled and restored.
package struct Suspects: Hashable, Sendable {
  /// What a worker must know about a batch before it starts on it.
  package struct Suspect: Hashable, Sendable {
    package let stage: UInt16
    /// The batch as the stage names it.
    package let batch: BatchID
    /// Whether each record must be marked before it is worked on.
    package fileprivate(set) var isRecordByRecord: Bool
    /// Indices in the batch of the records to leave out, ascending.
    package fileprivate(set) var condemned: [UInt32] = []

    fileprivate var deaths = 0
    fileprivate var deathsByRecord: [UInt32: Int] = [:]
  }

  package enum Verdict: Hashable, Sendable {
    /// The batch is tried again as a whole.
    case suspected
    /// The batch is tried again record by record.
    case recordByRecord
    /// The record in hand is condemned now: journal that before the page is written.
    case condemned
    /// The batch was worked on record by record, and none was in hand: nobody to blame. The death counts
    /// against the stage's restarts like one without a batch, or this could go on for ever.
    case unexplained
  }

  /// Deaths over one record, worked on by itself, that condemn it.
  package static let deathsToCondemn = 2

  /// Per stage: deaths over a batch from which on it is worked on record by record.
  private let attempts: [Int]
  /// Sorted by stage, then batch.
  private var suspects: [Suspect] = []

  /// `attempts` per stage, in plan order; at least 1 each.
  package init(attempts: [Int]) {
    precondition(attempts.allSatisfy { $0 >= 1 }, "a batch is tried at least once")
    self.attempts = attempts
  }

  /// A worker of `stage` died with a batch in hand, by its own doing. `record` is the index in the batch of the
  /// one that it was at, where it worked record by record.
  package mutating func died(inHand batch: BatchID, record: UInt32?, stage: UInt16) -> Verdict {
    let index = place(of: batch, stage: stage)
    guard let record else {
      // Who started before the page was written works on the whole batch although that is over: told apart
      // from one that died between two records by the count alone.
      suspects[index].deaths += 1
      let excess = suspects[index].deaths - attempts[Int(stage)]
      if excess >= 0 { suspects[index].isRecordByRecord = true }
      return excess < 0 ? .suspected : excess < Self.wholeDeathsAllowed ? .recordByRecord : .unexplained
    }
    suspects[index].isRecordByRecord = true
    if suspects[index].condemned.contains(record) { return .recordByRecord }
    let deaths = suspects[index].deathsByRecord[record, default: 0] + 1
    if deaths < Self.deathsToCondemn {
      suspects[index].deathsByRecord[record] = deaths
      return .recordByRecord
    }
    suspects[index].deathsByRecord[record] = nil
    condemn(record, at: index)
    return .condemned
  }

  /// Takes in a condemnation from the journal.
  package mutating func restore(condemned record: UInt32, of batch: BatchID, stage: UInt16) {
    let index = place(of: batch, stage: stage)
    suspects[index].isRecordByRecord = true
    if !suspects[index].condemned.contains(record) { condemn(record, at: index) }
  }

  /// What the workers of a stage must know, in the order of batches. Batches that are still worked on as a
  /// whole are not among it.
  package func entries(ofStage stage: UInt16) -> [Suspect] {
    suspects.filter { $0.stage == stage && $0.isRecordByRecord }
  }

  /// Forgets what an origin will not send again. `low` must be its low-water mark as it has stored it: from
  /// there it begins after its own death.
  package mutating func forget(below low: UInt64, origin: SlotID) {
    suspects.removeAll { $0.batch.origin == origin && $0.batch.sequence < low }
  }

  /// Deaths over a batch as a whole, from the one that ends this mode on, that may be those of workers who
  /// had started on it before.
  private static let wholeDeathsAllowed = 3

  private mutating func condemn(_ record: UInt32, at index: Int) {
    let position = suspects[index].condemned.firstIndex { record < $0 }
    suspects[index].condemned.insert(record, at: position ?? suspects[index].condemned.count)
  }

  /// The position of a batch's entry, which is made if there is none.
  private mutating func place(of batch: BatchID, stage: UInt16) -> Int {
    let index =
      suspects.firstIndex { stage < $0.stage || stage == $0.stage && batch <= $0.batch } ?? suspects.count
    if index == suspects.count || suspects[index].stage != stage || suspects[index].batch != batch {
      suspects.insert(Suspect(stage: stage, batch: batch, isRecordByRecord: false), at: index)
    }
    return index
  }
}
