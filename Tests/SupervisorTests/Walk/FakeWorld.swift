import Coordination
import Delivery
import Supervisor

/// Processes that start, become ready, die and report, and that check every order they are given.
struct FakeWorld {
  let topology: Topology
  let slots: [SlotID]
  private let isNeighbour: [[Bool]]
  /// By position; nil where nothing runs.
  var processes: [FakeProcess?]
  private var epochs: [UInt32]
  /// Whose report has reached the machine.
  var reported: [Bool]
  private(set) var outcome: Outcome?
  /// Where all sources were told to stop.
  private var drainTarget: UInt64?
  private(set) var reports = 0
  private(set) var journal: [JournalEntry] = []

  init(_ topology: Topology) {
    self.topology = topology
    var slots: [SlotID] = []
    for stage in topology.stages.indices {
      for index in 0..<topology.stages[stage].slots {
        slots.append(SlotID(stage: UInt16(stage), index: UInt16(index)))
      }
    }
    self.slots = slots
    isNeighbour = slots.map { slot in
      let around = topology.neighbours(of: slot.stage)
      return slots.map { around.contains($0) }
    }
    processes = Array(repeating: nil, count: slots.count)
    epochs = Array(repeating: 0, count: slots.count)
    reported = Array(repeating: false, count: slots.count)
  }

  func role(_ position: Int) -> Topology.Role { topology.stages[Int(slots[position].stage)].role }

  func position(_ slot: SlotID) -> Int { topology.position(of: slot) }

  var isEmpty: Bool { processes.allSatisfy { $0 == nil } }

  /// Carries out what the machine wants. `newcomer`: the worker whose readiness these actions follow.
  mutating func apply(_ actions: [SupervisorAction], newcomer: Incarnation? = nil) throws {
    var isIntroduced = false
    for action in actions {
      if outcome != nil { throw Wrong("\(action) after the end") }
      switch action {
      case .record(let entry): journal.append(entry)
      case .warn: break
      case .start(let worker): try start(worker)
      case .send(let message, let to):
        if let newcomer {
          // The newcomer must know the world before the world may talk to it.
          if message == .peerUp(newcomer) { isIntroduced = true }
          if isIntroduced && to == newcomer, case .peerUp = message {
            throw Wrong("\(message) to \(newcomer) after its neighbours heard of it")
          }
        }
        try deliver(message, to)
      case .kill(let worker):
        let position = position(worker.slot)
        guard processes[position]?.worker == worker else {
          throw Wrong("kill of \(worker), which is not alive")
        }
        processes[position]!.isCondemned = true
      case .report: reports += 1
      case .finish(let how):
        guard isEmpty else { throw Wrong("finished while workers are alive") }
        outcome = how
      }
    }
    try checkAcquaintances()
  }

  private mutating func start(_ worker: Incarnation) throws {
    let position = position(worker.slot)
    guard processes[position] == nil else { throw Wrong("\(worker) is started beside a living one") }
    guard worker.epoch == epochs[position] + 1 else {
      throw Wrong("\(worker) after epoch \(epochs[position])")
    }
    if reported[position] { throw Wrong("\(worker) is started although its slot has reported") }
    epochs[position] = worker.epoch
    processes[position] = FakeProcess(worker, slots: slots.count)
  }

  private mutating func deliver(_ message: SupervisorMessage, _ to: Incarnation) throws {
    let position = position(to.slot)
    guard var process = processes[position], process.worker == to else {
      throw Wrong("\(message) to \(to), which is not alive")
    }
    guard process.isAnnounced else { throw Wrong("\(message) to \(to), which is not announced") }
    switch message {
    case .peerUp(let peer):
      let other = self.position(peer.slot)
      guard isNeighbour[position][other] else { throw Wrong("\(peer) is no neighbour of \(to)") }
      guard let there = processes[other], there.worker == peer, there.isAnnounced else {
        throw Wrong("\(to) is told that \(peer) is up, which it is not")
      }
      guard process.known[other] == 0, process.heard[other] < peer.epoch else {
        throw Wrong("\(to) is told of \(peer) and knows \(process.known[other]) of it")
      }
      process.known[other] = peer.epoch
      process.heard[other] = peer.epoch
    case .peerDown(let peer):
      let other = self.position(peer.slot)
      guard processes[other]?.worker != peer else { throw Wrong("\(peer) is told dead and lives") }
      // A worker that never was ready is nobody's acquaintance, and its end no harm.
      if process.known[other] == peer.epoch {
        process.known[other] = 0
      } else if process.known[other] != 0 || process.heard[other] >= peer.epoch {
        throw Wrong("\(to) is told again that \(peer) is down")
      }
      process.heard[other] = max(process.heard[other], peer.epoch)
    case .originEnded(let origin, let last):
      let other = self.position(origin)
      guard role(position) == .sink || other == position else { throw Wrong("\(message) to \(to)") }
      guard process.ends[other] == nil else { throw Wrong("\(to) hears twice of the end of \(origin)") }
      process.ends[other] = last
    case .flush:
      guard role(position) == .sink, !process.isFlushed else { throw Wrong("\(message) to \(to)") }
      process.isFlushed = true
    case .drain:
      guard role(position) == .source, !process.isDrained else { throw Wrong("\(message) to \(to)") }
      process.isDrained = true
    case .drainUpTo(let last):
      guard role(position) == .source, process.drainTarget == nil, drainTarget ?? last == last else {
        throw Wrong("\(message) to \(to)")
      }
      drainTarget = last
      process.isDrained = true
      process.drainTarget = last
    case .stop:
      guard !process.isStopped else { throw Wrong("\(to) is stopped twice") }
      process.isStopped = true
    }
    processes[position] = process
  }

  /// Announced neighbours know each other's epoch, and nobody knows a dead one.
  private func checkAcquaintances() throws {
    for position in slots.indices {
      guard let process = processes[position], process.isAnnounced else { continue }
      for other in slots.indices where isNeighbour[position][other] {
        let known = process.known[other]
        if let there = processes[other], there.isAnnounced {
          if known != there.worker.epoch {
            throw Wrong("\(process.worker) knows \(known) of \(there.worker)")
          }
        } else if known != 0 && processes[other]?.worker.epoch != known {
          throw Wrong("\(process.worker) was not told of the end of \(slots[other].life(known))")
        }
      }
    }
  }
}
