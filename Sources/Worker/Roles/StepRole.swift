import Coordination
import Delivery
import Multiprocessing
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
  private let keepsLetters: Bool
  private let startsPrograms: Bool
  private let outputs: OutputMaker
  private let inHand: WorkInHand
  /// Leaves once it has finished what it has.
  private var isRetiring = false

  init(links: Links, chain: StepChain) throws {
    self.links = links
    self.chain = chain
    startsPrograms = chain.startsPrograms
    errors = links.makeErrors()
    keepsLetters = links.topology.letterStage(of: links.worker.slot.stage) != nil
    outputs = try OutputMaker(links)
    inHand = WorkInHand(links)
    machine = StepStateMachine(slot: links.worker.slot, topology: links.topology)
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

  func peerRetires(_ peer: Incarnation) throws { machine.peerRetires(peer) }

  func retire() throws { isRetiring = true }

  var queueLength: Int { machine.queuedCount }

  var waitsForOutput: Bool { machine.isBlocked }

  func work() throws -> RoleProgress {
    var actions: [DeliveryAction] = []
    guard let (id, content) = machine.startNext(actions: &actions) else {
      // What is still on its way to it goes to another, as it would after a death.
      return isRetiring && machine.entryCount == 0 ? .left : .idle
    }
    let input = links.contents[content]
    let started = MonotonicClock.now()
    let goesRecordByRecord = inHand.start(id, input.header, at: started, errors: &errors)
    try links.perform(actions)
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    let view = input.view
    links.taps.input(view)
    let noteRecord: ((Int, UInt64) -> Void)? =
      goesRecordByRecord ? { [inHand] in inHand.startRecord($0, line: $1) } : nil
    let made = try chain.process(
      view, headroom: MessageHeader.size, into: &buffer, lines: &lines, errors: &errors,
      beforeRecord: noteRecord)
    if startsPrograms { try AdoptedProcesses.reap() }
    var header = input.header
    header.sender = links.worker
    header.id = id
    header.format = made.format
    header.framing = made.framing
    header.recordCount = UInt32(made.recordCount)
    header.schemaLength = UInt32(made.schema.count)
    header.payloadLength = UInt64(buffer.count)
    header.lineTableLength = UInt32(HeldBatch.append(lines, to: &buffer))
    var inputHeader = input.header
    inputHeader.id = id
    var letters = errors.takeLetters()
    var count = StageCount(
      stage: links.worker.slot.stage, recordsIn: UInt64(input.header.recordCount),
      recordsOut: UInt64(made.recordCount), filtered: UInt64(made.filtered), dead: UInt64(letters.count))
    if !keepsLetters {
      // Where letters are not wanted, a record that ends its worker is dropped like one that is refused.
      count.filtered += count.dead
      count.dead = 0
      letters = []
    }
    var (output, _) = try outputs.make(header, schema: made.schema, buffer: buffer)
    if !letters.isEmpty {
      output.letters = try outputs.hold(letters, of: inputHeader, schema: Array(view.schema))
    }
    let page = links.page
    page.add(MonotonicClock.now() - started, to: .busyNanoseconds)
    page.add(count.recordsIn, to: .recordsIn)
    page.add(count.recordsOut, to: .recordsOut)
    page.add(count.dead, to: .recordsDead)
    page.add(input.header.payloadLength, to: .bytesIn)
    page.add(header.payloadLength, to: .bytesOut)
    page.add(1, to: .batches)
    inHand.end()
    try links.perform(machine.batchProcessed(id, output: output, count: count))
    return .busy
  }
}
