import Delivery

/// A worker's way through the batch in hand: as a whole or, where the page says so, record by record.
struct Attempt {
  let id: BatchID
  private let condemned: [UInt32]
  /// The next record to try, where each is tried by itself.
  private var index: Int?

  enum Outcome {
    /// The worker died over it.
    case died
    /// Another record comes next.
    case goesOn
    /// All records were survived.
    case survived
  }

  init(_ id: BatchID, suspect: Suspects.Suspect?) {
    self.id = id
    condemned = suspect?.condemned ?? []
    index = suspect?.isRecordByRecord == true ? 0 : nil
  }

  /// Works on all records or on the next one; the marker says on which.
  mutating func advance(over records: [UInt64], by worker: Worker) -> Outcome {
    let simulation = worker.simulation
    guard let record = index else {
      worker.marker = (id, nil)
      if !records.contains(where: { simulation.fates.isPoison($0, at: worker.stage) }) { return .survived }
      simulation.dieOfPoison(worker)
      return .died
    }
    if record == records.count { return .survived }
    index = record + 1
    if condemned.contains(UInt32(record)) { return .goesOn }
    worker.marker = (id, UInt32(record))
    if simulation.fates.isPoison(records[record], at: worker.stage) {
      simulation.dieOfPoison(worker)
      return .died
    }
    simulation.killInRecordMode(worker)
    return worker.isAlive ? .goesOn : .died
  }

  /// Tells the records that can be worked on from those that become letters.
  func divide(
    _ records: [UInt64], at stage: UInt16, fates: Fates
  ) -> (kept: [UInt64], letters: [(index: UInt32, record: UInt64)]) {
    if condemned.isEmpty && fates.refusalRate == 0 { return (records, []) }
    var kept: [UInt64] = []
    var letters: [(index: UInt32, record: UInt64)] = []
    for (index, record) in records.enumerated() {
      if condemned.contains(UInt32(index)) || fates.isRefused(record, at: stage) {
        letters.append((UInt32(index), record))
      } else {
        kept.append(record)
      }
    }
    return (kept, letters)
  }
}
