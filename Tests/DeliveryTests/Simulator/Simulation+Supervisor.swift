import Delivery

/// What the simulated supervisor knows; the journal outlives it.
struct SupervisorState {
  struct Journal {
    /// Per slot: where a source's input ended.
    var lastSequences: [UInt64?]
    /// Per slot: sources whose batches are all done.
    var isComplete: [Bool]
    var condemned: [(record: UInt32, batch: BatchID, stage: UInt16)] = []
  }

  var journal: Journal
  var lastSequences: [UInt64?]
  var isComplete: [Bool]
  /// Per stage.
  var isFlushing: [Bool]
  var isOver: [Bool]
  /// Per slot.
  var isRetired: [Bool]
  var retiring: [Incarnation] = []
  var suspects: Suspects
  /// What workers read when they start on a batch, per stage.
  var pages: [[Suspects.Suspect]]
  var isDraining = false
  /// Per slot: the highest sequence that a source stopped at.
  var halts: [UInt64?]
  var drainLimit: UInt64?
  var isDrained: [Bool]

  init(shape: Shape) {
    let slots = shape.slots.count
    let stages = shape.topology.stages.count
    journal = Journal(
      lastSequences: Array(repeating: nil, count: slots), isComplete: Array(repeating: false, count: slots))
    lastSequences = journal.lastSequences
    isComplete = journal.isComplete
    isFlushing = Array(repeating: false, count: stages)
    isOver = Array(repeating: false, count: stages)
    isRetired = Array(repeating: false, count: slots)
    suspects = Suspects(attempts: Array(repeating: 3, count: stages))
    pages = Array(repeating: [], count: stages)
    halts = Array(repeating: nil, count: slots)
    isDrained = Array(repeating: false, count: slots)
  }

  /// The next supervisor, which knows what its predecessor wrote down.
  init(shape: Shape, resuming journal: Journal, forgets: Bool) {
    self.init(shape: shape)
    self.journal = journal
    lastSequences = journal.lastSequences
    isComplete = journal.isComplete
    for entry in journal.condemned where !forgets {
      suspects.restore(condemned: entry.record, of: entry.batch, stage: entry.stage)
    }
    for stage in pages.indices { pages[stage] = suspects.entries(ofStage: UInt16(stage)) }
  }
}

extension Simulation {
  /// Starts a new incarnation of a slot, unless it is not needed any more.
  func spawn(_ slot: Int) {
    let id = slots[slot]
    if live[slot] != nil || !isNeeded(slot) { return }
    epochs[slot] += 1
    let incarnation = Incarnation(slot: id, epoch: epochs[slot])
    note("\(name(incarnation)) starts")
    let worker: Worker =
      switch shape.role(of: id) {
      case .source: SourceWorker(incarnation: incarnation, number: workers.count, simulation: self)
      case .step: StepWorker(incarnation: incarnation, number: workers.count, simulation: self)
      case .sink: SinkWorker(incarnation: incarnation, number: workers.count, simulation: self)
      case .custody: CustodyWorker(incarnation: incarnation, number: workers.count, simulation: self)
      case .deadLetters:
        DeadLetterWorker(incarnation: incarnation, number: workers.count, simulation: self)
      }
    add(worker)
    schedule(.announce(worker: worker.number), within: parameters.bootDelay / 4)
  }

  /// Gives a new worker its snapshot, the orders first, and tells the neighbours of it.
  ///
  /// An announcement may be repeated, so it must be idempotent.
  func announce(_ worker: Worker) {
    let slot = index(of: worker.incarnation.slot)
    if live[slot] !== worker { return }
    worker.isAnnounced = true
    let role = shape.role(of: worker.incarnation.slot)
    warn(slot)
    if role == .source && supervisor.isDraining {
      control(.drain, to: slot)
      if let limit = supervisor.drainLimit { control(.drainUpTo(limit), to: slot) }
    }
    if role.isOrdered && wrong != .snapshotMissing && wrong != .endedUnannounced {
      for (source, last) in supervisor.lastSequences.enumerated() {
        guard let last else { continue }
        control(.originEnded(slots[source], last: last), to: slot)
      }
    }
    let neighbours = shape.topology.neighbours(of: worker.stage).map(index(of:))
    for neighbour in neighbours {
      guard let other = live[neighbour], other.isAnnounced else { continue }
      let repeats = random.chance(3_000) ? 2 : 1
      for _ in 0..<repeats {
        control(.peerUp(other.incarnation), to: slot)
        control(.peerUp(worker.incarnation), to: neighbour)
      }
    }
    let below = shape.topology.stages[Int(worker.stage)].downstream
    for peer in supervisor.retiring where below.contains(peer.slot.stage) {
      control(.retire(peer), to: slot)
    }
    if supervisor.isFlushing[Int(worker.stage)] { control(.flush, to: slot) }
  }

  func reap(_ worker: Worker) throws {
    let slot = index(of: worker.incarnation.slot)
    if live[slot] !== worker { return }
    live[slot] = nil
    supervisor.retiring.removeAll { $0 == worker.incarnation }
    try blame(worker)
    for neighbour in shape.topology.neighbours(of: worker.stage) {
      control(.peerDown(worker.incarnation), to: index(of: neighbour))
    }
    if isNeeded(slot) { schedule(.spawn(slot: slot), within: parameters.bootDelay) }
  }

  /// Where workers stay when their stage is over they are also replaced: what the stages above still hold
  /// for nobody comes to rest only if there is someone to send it to.
  private func isNeeded(_ slot: Int) -> Bool {
    if supervisor.isRetired[slot] || supervisor.isDrained[slot] { return false }
    let stage = Int(slots[slot].stage)
    if parameters.staysWhenOver && shape.topology.stages[stage].role != .source { return true }
    return !supervisor.isComplete[slot] && !supervisor.isOver[stage]
  }

  func handle(_ report: Report, from worker: Worker) throws {
    if !worker.isAlive && !parameters.reportsSurvive { return }
    let slot = index(of: worker.incarnation.slot)
    note("\(name(worker.incarnation)) reports \(report)")
    switch report {
    case .ended(let last):
      if let known = supervisor.lastSequences[slot] {
        if known != last { throw Failure("recut", "a source ended at \(known), then at \(last)") }
        return
      }
      supervisor.lastSequences[slot] = last
      if wrong != .journalNone { supervisor.journal.lastSequences[slot] = last }
      if wrong == .endedUnannounced { return }
      for (other, id) in slots.enumerated() where shape.role(of: id).isOrdered {
        control(.originEnded(worker.incarnation.slot, last: last), to: other)
      }
    case .complete, .finished:
      supervisor.isComplete[slot] = true
      if case .complete = report, wrong != .journalNone { supervisor.journal.isComplete[slot] = true }
      cascade()
      goOnDraining()
    case .halted(let last):
      supervisor.halts[slot] = max(last, supervisor.halts[slot] ?? 0)
      goOnDraining()
    case .drained:
      supervisor.isDrained[slot] = true
      goOnDraining()
    }
  }

  /// Ends the stages whose input is over, from the top down.
  func cascade() {
    for (index, stage) in shape.topology.stages.enumerated() where !supervisor.isOver[index] {
      if !stage.upstream.allSatisfy({ supervisor.isOver[Int($0)] }) { continue }
      let members = slots.indices.filter { slots[$0].stage == UInt16(index) }
      if stage.role == .step || members.allSatisfy({ supervisor.isComplete[$0] }) {
        supervisor.isOver[index] = true
        if !parameters.staysWhenOver {
          for slot in members { if let worker = live[slot] { end(worker) } }
        }
      } else if stage.role != .source && !supervisor.isFlushing[index] {
        supervisor.isFlushing[index] = true
        for slot in members { control(.flush, to: slot) }
      }
    }
  }

  /// Everything has ended; the same pipeline is run again, over inputs that may have grown where what was cut
  /// of them is logged.
  func startAnew() {
    note("everything dies")
    endEverything()
    life += 1
    supervisor = SupervisorState(shape: shape, resuming: supervisor.journal, forgets: wrong == .condemnMemory)
    for slot in slots.indices where shape.role(of: slots[slot]) == .source {
      if parameters.growth > 0 && parameters.lingers && supervisor.lastSequences[slot] == nil {
        sourceSizes[slot] += random.below(parameters.growth)
      }
    }
    for slot in slots.indices { spawn(slot) }
    cascade()
  }
}
