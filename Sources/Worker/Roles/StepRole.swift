import Coordination
import Delivery
import POSIXKit
import PipelineFile
import Records
import Stages

/// A worker that runs a chain of steps over each batch.
final class StepRole: WorkerRole {
  private let links: Links
  private let chain: StepChain
  private var machine: StepStateMachine
  private var lines = LineTableBuilder()
  private var errors: RecordErrors

  init(links: Links, chain: StepChain) {
    self.links = links
    self.chain = chain
    errors = RecordErrors(policy: .fail, worker: links.plan.name(of: links.worker.slot))
    machine = StepStateMachine(slot: links.worker.slot, topology: links.plan.topology)
  }

  func peerCameUp(_ peer: Incarnation) throws { try links.perform(machine.peerCameUp(peer)) }

  func peerWentDown(_ peer: Incarnation) throws { try links.perform(machine.peerWentDown(peer)) }

  func batchArrived(_ batch: HeldBatch, id: BatchID) throws {
    try links.perform(
      machine.batchArrived(id, content: links.contents.hold(batch), from: batch.header.sender))
  }

  func takenArrived(_ id: BatchID, from peer: Incarnation) throws {
    try links.perform(machine.takenArrived(id, from: peer))
  }

  func doneArrived(_ id: BatchID, tally: Tally) throws {
    try links.perform(machine.doneArrived(id, tally: tally))
  }

  func originEnded(_ origin: SlotID, last: UInt64) throws {
    throw unexpected("the end of an origin", links.worker)
  }

  func flush() throws { throw unexpected("a flush order", links.worker) }

  func drain() throws { throw unexpected("an order to drain", links.worker) }

  func drain(upTo last: UInt64) throws { throw unexpected("an order to drain", links.worker) }

  func work() throws -> RoleProgress {
    var actions: [DeliveryAction] = []
    guard let (id, content) = machine.startNext(actions: &actions) else { return .idle }
    let input = links.contents[content]
    let page = links.page
    mark(id, input.header)
    try links.perform(actions)
    let started = MonotonicClock.now()
    var output = BatchBuffer(headroom: 0, capacity: 0)
    let made = try chain.process(
      input.view, headroom: MessageHeader.size, into: &output, lines: &lines, errors: &errors)
    var header = input.header
    header.sender = links.worker
    header.id = id
    header.format = made.format
    header.framing = made.framing
    header.recordCount = UInt32(made.recordCount)
    header.schemaLength = UInt32(made.schema.count)
    header.payloadLength = UInt64(output.count)
    header.lineTableLength = UInt32(HeldBatch.append(lines, to: &output))
    let held = try HeldBatch(header, schema: made.schema, buffer: output)
    page.add(MonotonicClock.now() - started, to: .busyNanoseconds)
    page.add(UInt64(input.header.recordCount), to: .recordsIn)
    page.add(UInt64(made.recordCount), to: .recordsOut)
    page.add(input.header.payloadLength, to: .bytesIn)
    page.add(header.payloadLength, to: .bytesOut)
    page.add(1, to: .batches)
    page[.hasBatch] = 0
    try links.perform(
      machine.batchProcessed(
        id, output: Output(whole: links.contents.hold(held)),
        count: StageCount(
          stage: links.worker.slot.stage, recordsIn: UInt64(input.header.recordCount),
          recordsOut: UInt64(made.recordCount))))
    return .busy
  }

  /// Notes the batch in hand where the supervisor finds it after a crash.
  private func mark(_ id: BatchID, _ header: MessageHeader) {
    let page = links.page
    page[.batchOrigin] = UInt64(id.origin.stage) << 16 | UInt64(id.origin.index)
    page[.batchSequence] = id.sequence
    page[.batchBranch] = id.branch.rawValue
    page[.batchLine] = header.provenance.line
    page[.batchFile] = UInt64(header.provenance.file)
    page[.hasBatch] = 1
  }
}
