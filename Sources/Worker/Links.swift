import Coordination
import Delivery
import PipelineFile
import Records
import Stages
import ZeroMQ

/// A worker's connections: its inbox, a PUSH to each live neighbour, and the batches that are held for them.
///
/// Carries out the actions of the delivery machines. For the worker's one thread.
final class Links {
  let assignment: WorkerAssignment
  let plan: Plan
  let topology: Topology
  let page: StatisticsPage
  /// What is known of batches that ended workers of this stage.
  let suspects: SuspectPage
  var faults: FaultPoints
  var contents = ContentStore()
  let taps: Taps
  private let context: Context
  private var inbox: Socket
  private var neighbours: [SlotID: Neighbour] = [:]
  private let highWaterMark: Int

  /// Messages for the supervisor, which the loop sends after each piece of work.
  private(set) var reports: [WorkerMessage] = []

  private final class Neighbour {
    let epoch: UInt32
    let socket: Socket

    init(epoch: UInt32, socket: consuming Socket) {
      self.epoch = epoch
      self.socket = socket
    }
  }

  /// Binds the inbox. The high-water mark is above all that credit and windows allow, so that no send can
  /// find a queue full.
  init(_ assignment: WorkerAssignment, plan: Plan, topology: Topology, pages: SharedPages) throws {
    self.assignment = assignment
    self.plan = plan
    page = pages.statistics(of: assignment.worker.slot)
    suspects = pages.suspects(ofStage: assignment.worker.slot.stage)
    let name = plan.name(of: assignment.worker.slot)
    faults = FaultPoints(assignment.faults, worker: name, epoch: assignment.worker.epoch)
    taps = Taps(slot: name)
    self.topology = topology
    let around = topology.neighbours(of: assignment.worker.slot.stage).count
    let widest =
      topology.stages.indices.filter { topology.stages[$0].role.isOrigin }
      .map { topology.window(ofOrigin: UInt16($0)) }.max() ?? 16
    highWaterMark = 8 * (Int(widest) + 16) * max(1, topology.stages.count)
    context = try Context(maximumSockets: around * 2 + 16)
    inbox = try Socket(context, .pull, highWaterMark: highWaterMark)
    try inbox.bind(Self.endpoint(of: assignment.worker, in: assignment.socketFolder))
  }

  static func endpoint(of worker: Incarnation, in folder: String) -> String {
    "ipc://" + WorkerAssignment.socketPath(of: worker, in: folder)
  }

  var worker: Incarnation { assignment.worker }

  /// Adds the inbox to a poll.
  func watch(_ poller: inout Poller) -> Int { poller.add(inbox) }

  /// The next message, or nil when none has come.
  func receive() throws -> HeldBatch? {
    guard let message = try inbox.receive() else { return nil }
    let header = try MessageHeader(decoding: message.bytes)
    guard header.run == assignment.run else { throw WireError.otherRun(header.run) }
    return HeldBatch(message, header: header)
  }

  func connect(_ peer: Incarnation) throws {
    if let known = neighbours[peer.slot], known.epoch >= peer.epoch { return }
    var socket = try Socket(context, .push, highWaterMark: highWaterMark)
    try socket.connect(Self.endpoint(of: peer, in: assignment.socketFolder))
    neighbours[peer.slot] = Neighbour(epoch: peer.epoch, socket: socket)
  }

  /// Closes the socket to a dead peer: what libzmq still queues for it goes with it.
  func disconnect(_ peer: Incarnation) {
    if let known = neighbours[peer.slot], known.epoch <= peer.epoch { neighbours[peer.slot] = nil }
  }

  /// What this worker does about records that it can't work on.
  func makeErrors() -> RecordErrors {
    let stage = plan.stages[Int(worker.slot.stage)]
    return RecordErrors(policy: stage.errors.onError, worker: plan.name(of: worker.slot))
  }

  func report(_ message: WorkerMessage) { reports.append(message) }

  func takeReports() -> [WorkerMessage] {
    defer { reports.removeAll() }
    return reports
  }

  func perform(_ actions: [DeliveryAction]) throws {
    for action in actions {
      switch action {
      case .send(let content, _, let peer):
        faults.reached(.beforeSend)
        try send(contents[content].message.share(), to: peer)
        faults.reached(.afterSend)
      case .sendTaken(let id, let peer):
        faults.reached(.beforeTaken)
        try reply(.taken, id, tally: nil, to: peer)
        faults.reached(.afterTaken)
      case .sendDone(let id, let tally, let peer):
        faults.reached(.beforeDone)
        try reply(.done, id, tally: tally, to: peer)
        faults.reached(.afterDone)
      case .release(let content):
        contents.release(content)
      }
    }
  }

  private func reply(_ kind: MessageHeader.Kind, _ id: BatchID, tally: Tally?, to peer: Incarnation) throws {
    var header = MessageHeader(kind: kind, run: assignment.run, sender: worker, id: id)
    var writer = ByteWriter()
    if let tally { writer.write(tally) }
    header.payloadLength = UInt64(writer.bytes.count)
    var message = try Message(size: MessageHeader.size + writer.bytes.count)
    message.withMutableBytes { bytes in
      header.encode(into: bytes)
      UnsafeMutableRawBufferPointer(rebasing: bytes[MessageHeader.size...]).copyBytes(from: writer.bytes)
    }
    try send(message, to: peer)
  }

  private func send(_ message: consuming Message, to peer: Incarnation) throws {
    guard let neighbour = neighbours[peer.slot], neighbour.epoch == peer.epoch else {
      throw DeliveryViolation("a message for \(peer), which is not connected")
    }
    try neighbour.socket.send(message)
  }

  /// The tally that a `done` carries.
  static func tally(of batch: HeldBatch) throws -> Tally {
    var reader = ByteReader(Array(batch.message.bytes[batch.header.payloadRange]))
    do {
      return try reader.readTally()
    } catch {
      throw WireError.badTally(error.description)
    }
  }
}
