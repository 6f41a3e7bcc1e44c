import Coordination
import Delivery
import POSIXKit
import Records
import Stages

/// What a worker has in hand, where the supervisor finds it after a crash; and what the supervisor knows of a
/// batch from crashes before.
struct WorkInHand {
  private let page: StatisticsPage
  private let suspects: SuspectPage
  private let journal: String
  private let stage: UInt16

  init(_ links: Links) {
    page = links.page
    suspects = links.suspects
    journal = "\(links.assignment.runFolder)/journal"
    stage = links.worker.slot.stage
  }

  /// Notes a batch that is being started on. What comes back is set up in `errors`: records that are passed
  /// over. True if the others must be noted one by one.
  func start(_ id: BatchID, _ header: MessageHeader, at now: UInt64, errors: inout RecordErrors) -> Bool {
    errors.removeAll()
    page[.batchOrigin] = UInt64(id.origin.stage) << 16 | UInt64(id.origin.index)
    page[.batchSequence] = id.sequence
    page[.batchBranch] = id.branch.rawValue
    page[.batchLine] = header.provenance.line
    page[.batchFile] = UInt64(header.fileStage) << 32 | UInt64(header.provenance.file)
    page[.batchRecord] = 0
    page[.batchRecordLine] = 0
    page[.batchSince] = now
    page[.hasBatch] = 1
    guard let condemned = suspects.condemned(in: id) else { return false }
    errors.condemned = condemned
    if !condemned.isEmpty { explain(id, &errors) }
    return true
  }

  /// Notes a record of a batch that is worked on record by record.
  func startRecord(_ index: Int, line: UInt64) {
    page[.batchSince] = MonotonicClock.now()
    page[.batchRecordLine] = line
    page[.batchRecord] = UInt64(index) + 1
  }

  /// Nothing is in hand: called before the first output is sent, so that nobody is blamed for what is out.
  func end() { page[.hasBatch] = 0 }

  /// Only the journal knows how the workers of a condemned record ended.
  private func explain(_ id: BatchID, _ errors: inout RecordErrors) {
    let entries = (try? Journal.read(journal)) ?? []
    var found: [UInt32: Condemnation] = [:]
    for case .condemned(let known) in entries where known.stage == stage && known.batch == id {
      found[known.record] = known
    }
    errors.condemnedLetter = { record, line, bytes in
      let known = found[UInt32(record)]
      return Letter(
        record: UInt32(record), line: line, cause: .death(known?.cause ?? "not known"),
        attempts: known?.attempts ?? 0, worker: known?.worker ?? "", time: known?.time ?? WallClock.now(),
        lastWords: known?.lastWords ?? "", bytes: Array(bytes))
    }
  }
}
