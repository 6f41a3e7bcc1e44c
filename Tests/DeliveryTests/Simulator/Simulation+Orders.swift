import Delivery

/// What a supervisor does beside keeping its workers alive: blame, draining, changes of scale.
extension Simulation {
  /// What a worker is told about a batch when it starts on it.
  func suspect(_ id: BatchID, stage: UInt16, for worker: Worker) -> Suspects.Suspect? {
    if wrong == .suspectsByControl || wrong == .suspectsByHeader {
      return worker.warnings.last { $0.batch == id && $0.stage == stage }
    }
    return supervisor.pages[Int(stage)].first { $0.batch == id }
  }

  /// Notes whose doing a death was, and warns all workers of the stage before anyone hears of it.
  func blame(_ worker: Worker) throws {
    guard let (batch, record) = worker.marker, worker.diedOfRecord || wrong == .blameAll else { return }
    for (slot, store) in sources.enumerated() where shape.role(of: slots[slot]) == .source {
      supervisor.suspects.forget(below: store.position.low, origin: slots[slot])
    }
    let isKnown =
      wrong != .condemnMemory || life == 0
      || !supervisor.journal.condemned.contains { $0.batch == batch && $0.stage == worker.stage }
    if !isKnown { throw Failure("condemned", "\(batch) was condemned before the restart and kills again") }
    var verdict = supervisor.suspects.died(inHand: batch, record: record, stage: worker.stage)
    if wrong == .condemnFirst, let record, verdict == .recordByRecord {
      supervisor.suspects.restore(condemned: record, of: batch, stage: worker.stage)
      verdict = .condemned
    }
    if verdict == .unexplained { throw Failure("blame", "\(batch) ended too many workers as a whole") }
    if verdict == .condemned, let record {
      supervisor.journal.condemned.append((record, batch, worker.stage))
    }
    note("the death of \(name(worker.incarnation)) makes \(name(batch)) \(verdict)")
    supervisor.pages[Int(worker.stage)] = supervisor.suspects.entries(ofStage: worker.stage)
    for slot in slots.indices { warn(slot) }
  }

  /// Tells a worker of suspects by message, where a wrong rule wants that.
  func warn(_ slot: Int) {
    let own = slots[slot].stage
    let stages = wrong == .suspectsByControl ? [own] : shape.topology.stages[Int(own)].downstream
    if wrong != .suspectsByControl && wrong != .suspectsByHeader { return }
    for stage in stages where !supervisor.pages[Int(stage)].isEmpty {
      control(.suspects(supervisor.pages[Int(stage)]), to: slot)
    }
  }

  /// Somebody wants the pipeline to stop where it can go on later.
  func beginDrain() {
    if isFinished || supervisor.isDraining { return }
    note("drains")
    supervisor.isDraining = true
    for slot in slots.indices where isSource(slot) && !supervisor.isComplete[slot] {
      control(.drain, to: slot)
    }
    goOnDraining()
  }

  /// When all sources have said where they stopped, all are told how far to go; when all have gone there,
  /// everything ends.
  func goOnDraining() {
    if !supervisor.isDraining || isFinished { return }
    let sources = slots.indices.filter { isSource($0) && !supervisor.isComplete[$0] }
    if sources.allSatisfy({ supervisor.isDrained[$0] }) { return startAnew() }
    if supervisor.drainLimit != nil || sources.contains(where: { supervisor.halts[$0] == nil }) { return }
    let limit = sources.map { supervisor.halts[$0]! }.max()!
    supervisor.drainLimit = limit
    if wrong == .drainAtOwnHalt {
      for slot in sources { control(.drainUpTo(supervisor.halts[slot]!), to: slot) }
    } else {
      for slot in sources { control(.drainUpTo(limit), to: slot) }
    }
  }

  private func isSource(_ slot: Int) -> Bool { shape.role(of: slots[slot]) == .source }

  /// Tells a worker of a balanced step to leave, or fills the place of one that left.
  func rescale() {
    if isFinished { return }
    let stages = shape.topology.stages.indices.filter {
      let stage = shape.topology.stages[$0]
      return stage.role == .step && stage.input == .balanced && stage.slots > 1 && !supervisor.isOver[$0]
    }
    if stages.isEmpty { return }
    let stage = UInt16(random.pick(stages))
    let members = shape.topology.slots(of: stage).map(index(of:))
    let active = members.filter { !supervisor.isRetired[$0] }
    let away = members.filter { supervisor.isRetired[$0] && live[$0] == nil }
    if active.count > 1 && (away.isEmpty || random.chance(5_000)) {
      let slot = random.pick(active)
      guard let worker = live[slot] else { return }
      supervisor.isRetired[slot] = true
      supervisor.retiring.append(worker.incarnation)
      note("\(name(worker.incarnation)) is to leave")
      control(.retire(worker.incarnation), to: slot)
      for (sender, id) in slots.enumerated() {
        if !shape.topology.stages[Int(id.stage)].downstream.contains(stage) { continue }
        control(.retire(worker.incarnation), to: sender)
      }
    } else if let slot = away.first {
      supervisor.isRetired[slot] = false
      spawn(slot)
    }
  }
}
