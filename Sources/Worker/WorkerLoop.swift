import Coordination
import Delivery
import Glibc
import Multiprocessing
import PipelineFile
import POSIXKit
import Stages
import ZeroMQ

/// The loop of every worker: control messages first, then the inbox, then one batch's worth of work.
///
/// It waits only when nothing is left to do, and then for a message from anyone. It ends when it is told to,
/// and when its supervisor is gone.
struct WorkerLoop: ~Copyable {
  /// The most messages taken from the inbox between two pieces of work.
  private static let portion = 64

  private let links: Links
  private let role: any WorkerRole
  private let notes: WaitNotes
  private var poller = ZeroMQ.Poller()
  private var isStopped = false

  init(links: Links, role: any WorkerRole) {
    self.links = links
    self.role = role
    notes = WaitNotes(links.page)
  }

  /// Runs until `stop` or the end of the control channel.
  mutating func run(_ control: inout ControlChannel) throws {
    try send(.ready, &control)
    while !isStopped {
      try takeControl(&control)
      if isStopped { break }
      var progress = RoleProgress.busy
      if try !takeMessages() { progress = try role.work() }
      if case .busy = progress {} else { links.taps.tellDropped() }
      for report in links.takeReports() { try send(report, &control) }
      switch progress {
      case .left: isStopped = true
      case .busy: try wait(control, descriptor: nil, milliseconds: 0)
      case .idle: try wait(control, descriptor: nil, milliseconds: nil)
      case .until(let deadline): try wait(control, descriptor: nil, milliseconds: Self.rest(until: deadline))
      case .waiting(let descriptor, let deadline):
        try wait(control, descriptor: descriptor, milliseconds: deadline.map(Self.rest))
      }
    }
  }

  /// Milliseconds until a time; a minute at most, after which the role is asked again.
  private static func rest(until deadline: UInt64) -> Int {
    let now = MonotonicClock.now()
    return deadline > now ? Int(min((deadline - now + 999_999) / 1_000_000, 60_000)) : 0
  }

  private mutating func takeControl(_ control: inout ControlChannel) throws {
    while !isStopped, let bytes = try control.receive() {
      switch try SupervisorMessage(decoding: bytes) {
      case .peerUp(let peer):
        try links.connect(peer)
        try role.peerCameUp(peer)
      case .peerDown(let peer):
        links.disconnect(peer)
        try role.peerWentDown(peer)
      case .originEnded(let origin, let last): try role.originEnded(origin, last: last)
      case .flush: try role.flush()
      case .drain: try role.drain()
      case .drainUpTo(let last): try role.drain(upTo: last)
      case .stop: isStopped = true
      case .peerRetires(let peer): try role.peerRetires(peer)
      case .retire: try role.retire()
      case .pause: try role.pause()
      case .resume: try role.resume()
      case .tap(let order): if let problem = links.taps.start(order) { links.report(.note(problem)) }
      case .untap(let path): links.taps.end(path)
      }
    }
    if control.isClosed { isStopped = true }
  }

  /// Takes what lies in the inbox. True if a full portion was there, so that more may be.
  private func takeMessages() throws -> Bool {
    for _ in 0..<Self.portion {
      guard let batch = try links.receive() else { return false }
      let header = batch.header
      switch header.kind {
      case .data:
        var id = header.id
        id.branch = links.topology.branch(
          id.branch, from: header.sender.slot.stage, toSlot: links.worker.slot)
        try role.batchArrived(batch, id: id)
      case .taken: try role.takenArrived(header.id, from: header.sender)
      case .done: try role.doneArrived(header.id, tally: try Links.tally(of: batch))
      }
    }
    return true
  }

  private mutating func wait(
    _ control: borrowing ControlChannel, descriptor: Int32?, milliseconds: Int?
  ) throws {
    poller.removeAll()
    _ = links.watch(&poller)
    _ = poller.add(descriptor: control.descriptor.raw)
    if let descriptor { _ = poller.add(descriptor: descriptor) }
    notes.note(queueLength: role.queueLength)
    if milliseconds != 0 { notes.begin(forOutput: role.waitsForOutput) }
    _ = try poller.wait(milliseconds: milliseconds)
    if milliseconds != 0 { notes.end() }
  }

  private func send(_ message: WorkerMessage, _ control: inout ControlChannel) throws {
    let isReady = message == .ready
    links.faults.reached(isReady ? .beforeReady : .beforeReport)
    try control.send(message.encoded(), until: MonotonicClock.deadline(after: .seconds(10)))
    links.faults.reached(isReady ? .afterReady : .afterReport)
  }
}
