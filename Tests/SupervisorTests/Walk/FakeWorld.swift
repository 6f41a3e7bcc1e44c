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
  /// What outlives the supervisor.
  private(set) var journal: [JournalEntry]
  /// Slots that the journal says have nothing left to do.
  private var settled: Set<SlotID> = []
  private var condemned: Set<[UInt64]> = []

  /// A world without processes, in which only what an earlier supervisor has journalled is left.
  init(_ topology: Topology, journal: [JournalEntry]) throws {
    self.topology = topology
    self.journal = []
    var slots: [SlotID] = []
    for stage in topology.stages.indices {
      slots += topology.slots(of: UInt16(stage))
    }
    self.slots = slots
    isNeighbour = slots.map { slot in
      let around = topology.neighbours(of: slot.stage)
      return slots.map { around.contains($0) }
    }
    processes = Array(repeating: nil, count: slots.count)
    epochs = Array(repeating: 0, count: slots.count)
    reported = Array(repeating: false, count: slots.count)
    for entry in journal { try record(entry) }
    for slot in settled { reported[topology.position(of: slot)] = true }
  }

  /// The journal as it would be read after the death of its writer.
  var history: RunHistory { RunHistory(journal)! }

  func role(_ position: Int) -> Topology.Role { topology.stages[Int(slots[position].stage)].role }

  func position(_ slot: SlotID) -> Int { topology.position(of: slot) }

  var isEmpty: Bool { processes.allSatisfy { $0 == nil } }

  /// Carries out what the machine wants. `newcomer`: the worker whose readiness these actions follow.
  mutating func apply(_ actions: [SupervisorAction], newcomer: Incarnation? = nil) throws {
    var isIntroduced = false
    var isWarningDue = false
    for action in actions {
      if outcome != nil { throw Wrong("\(action) after the end") }
      switch action {
      case .record(let entry):
        try record(entry)
        if case .condemned = entry { isWarningDue = true }
      case .warn: isWarningDue = false
      case .start(let worker): try start(worker)
      case .send(let message, let to):
        if isWarningDue { throw Wrong("\(message) before the workers are warned of a condemned record") }
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
      case .abort(let worker):
        let position = position(worker.slot)
        guard let process = processes[position], process.worker == worker, process.isReady else {
          throw Wrong("\(worker) is told to dump its core, and is not at work")
        }
        processes[position]!.isCondemned = true
      case .report: reports += 1
      case .note: break
      case .finish(let how):
        guard isEmpty else { throw Wrong("finished while workers are alive") }
        outcome = how
      }
    }
    try checkAcquaintances()
  }

  /// Nothing is journalled twice, and nothing before what it relies on.
  private mutating func record(_ entry: JournalEntry) throws {
    if journal.contains(.ended) { throw Wrong("\(entry) behind the end") }
    switch entry {
    case .began, .resumed, .joined: break
    case .complete(let slot, _, _), .finished(let slot, _):
      if !settled.insert(slot).inserted { throw Wrong("\(slot) is journalled twice") }
      for above in ancestors(of: slot.stage) where topology.stages[above].role.isOrigin {
        for source in topology.slots(of: UInt16(above)) where !settled.contains(source) {
          throw Wrong("\(slot) has finished before \(source) is complete")
        }
      }
    case .condemned(let known):
      let place = [
        UInt64(known.stage), UInt64(known.batch.origin.stage), known.batch.sequence, UInt64(known.record),
      ]
      if !condemned.insert(place).inserted { throw Wrong("\(place) is condemned twice") }
    case .ended:
      for slot in slots where role(position(slot)) != .step && !settled.contains(slot) {
        throw Wrong("the run has ended without \(slot)")
      }
    }
    journal.append(entry)
  }

  private func ancestors(of stage: UInt16) -> Set<Int> {
    var found: Set<Int> = []
    var waiting = topology.stages[Int(stage)].upstream
    while let next = waiting.popLast() {
      if found.insert(Int(next)).inserted { waiting += topology.stages[Int(next)].upstream }
    }
    return found
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
      guard role(position).isOrdered || other == position else { throw Wrong("\(message) to \(to)") }
      guard process.ends[other] == nil else { throw Wrong("\(to) hears twice of the end of \(origin)") }
      process.ends[other] = last
    case .flush:
      let mayBe = role(position).isOrdered || role(position) == .deadLetters
      guard mayBe, !process.isFlushed else { throw Wrong("\(message) to \(to)") }
      for above in ancestors(of: to.slot.stage) where topology.stages[above].role.isOrigin {
        for source in topology.slots(of: UInt16(above)) where !settled.contains(source) {
          throw Wrong("\(to) is told to finish before the journal has the end of \(source)")
        }
      }
      process.isFlushed = true
    case .drain:
      guard role(position).isOrigin, !process.isDrained, !process.isFlushed else {
        throw Wrong("\(message) to \(to)")
      }
      try checkNobodyReads(above: to)
      process.isDrained = true
      process.isPaused = false
    case .drainUpTo(let last):
      guard role(position) == .source, process.drainTarget == nil, drainTarget ?? last == last else {
        throw Wrong("\(message) to \(to)")
      }
      drainTarget = last
      process.isDrained = true
      process.drainTarget = last
      process.isPaused = false
    case .stop:
      guard !process.isStopped else { throw Wrong("\(to) is stopped twice") }
      process.isStopped = true
    case .peerRetires(let peer):
      let other = self.position(peer.slot)
      guard topology.stages[Int(peer.slot.stage)].upstream.contains(to.slot.stage),
        process.known[other] == peer.epoch
      else { throw Wrong("\(message) to \(to), which does not send to it") }
    case .retire:
      guard role(position) == .step, !process.isRetiring, !process.isStopped else {
        throw Wrong("\(message) to \(to)")
      }
      process.isRetiring = true
    case .tap, .untap: throw Wrong("\(message) is for the loop to send")
    case .pause, .resume:
      guard role(position) == .source, !process.isDrained, process.isPaused == (message == .resume) else {
        throw Wrong("\(message) to \(to)")
      }
      process.isPaused = message == .pause
    }
    processes[position] = process
  }

  /// A stage with state is drained once those above it have said that they are.
  private func checkNobodyReads(above worker: Incarnation) throws {
    for above in ancestors(of: worker.slot.stage) where topology.stages[above].role.isOrigin {
      for origin in topology.slots(of: UInt16(above)) {
        let position = self.position(origin)
        if processes[position]?.isAnnounced == true && !reported[position] {
          throw Wrong("\(worker) is drained before \(origin) has stopped")
        }
      }
    }
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
