import Delivery

extension Simulation {
  /// Starts a new incarnation of a slot, unless it is not needed any more.
  func spawn(_ slot: Int) {
    let id = slots[slot]
    if live[slot] != nil || !isNeeded(slot) { return }
    epochs[slot] += 1
    let incarnation = Incarnation(slot: id, epoch: epochs[slot])
    let worker: Worker =
      switch shape.topology.stages[Int(id.stage)].role {
      case .source: SourceWorker(incarnation: incarnation, number: workers.count, simulation: self)
      case .step: StepWorker(incarnation: incarnation, number: workers.count, simulation: self)
      case .sink, .custody, .deadLetters:
        SinkWorker(incarnation: incarnation, number: workers.count, simulation: self)
      }
    add(worker)
    schedule(.announce(worker: worker.number), within: parameters.bootDelay / 4)
  }

  /// Gives a new worker its snapshot and tells the neighbours of it.
  ///
  /// Two that come up together are announced to each other twice, so announcements must be idempotent.
  func announce(_ worker: Worker) {
    let slot = index(of: worker.incarnation.slot)
    if live[slot] !== worker { return }
    for neighbour in shape.topology.neighbours(of: worker.stage).map(index(of:)) {
      guard let other = live[neighbour] else { continue }
      if other.isAnnounced { control(.peerUp(other.incarnation), to: slot) }
      control(.peerUp(worker.incarnation), to: neighbour)
    }
    worker.isAnnounced = true
    if shape.topology.stages[Int(worker.stage)].role != .sink { return }
    if wrong != .snapshotMissing && wrong != .endedUnannounced {
      for (stage, last) in lastSequences.enumerated() {
        guard let last else { continue }
        control(.originEnded(SlotID(stage: UInt16(stage), index: 0), last: last), to: slot)
      }
    }
    if isFlushing[Int(worker.stage)] { control(.flush, to: slot) }
  }

  func reap(_ worker: Worker) {
    let slot = index(of: worker.incarnation.slot)
    if live[slot] !== worker { return }
    live[slot] = nil
    for neighbour in shape.topology.neighbours(of: worker.stage) {
      control(.peerDown(worker.incarnation), to: index(of: neighbour))
    }
    if isNeeded(slot) { schedule(.spawn(slot: slot), within: parameters.bootDelay) }
  }

  /// Where workers stay when their stage is over they are also replaced: what the stages above still hold
  /// for nobody comes to rest only if there is someone to send it to.
  private func isNeeded(_ slot: Int) -> Bool {
    let stage = Int(slots[slot].stage)
    if parameters.staysWhenOver && shape.topology.stages[stage].role != .source { return true }
    return !isComplete[slot] && !isOver[stage]
  }

  func handle(_ report: Report, from worker: Worker) throws {
    if !worker.isAlive && !parameters.reportsSurvive { return }
    switch report {
    case .ended(let last):
      let stage = Int(worker.stage)
      if let known = lastSequences[stage] {
        if known != last { throw Failure("recut", "a source ended at \(known), then at \(last)") }
        return
      }
      lastSequences[stage] = last
      if wrong == .endedUnannounced { return }
      for (slot, id) in slots.enumerated() where shape.topology.stages[Int(id.stage)].role == .sink {
        control(.originEnded(worker.incarnation.slot, last: last), to: slot)
      }
    case .complete, .finished:
      isComplete[index(of: worker.incarnation.slot)] = true
      cascade()
    }
  }

  /// Ends the stages whose input is over, from the top down.
  private func cascade() {
    for (index, stage) in shape.topology.stages.enumerated() where !isOver[index] {
      if !stage.upstream.allSatisfy({ isOver[Int($0)] }) { continue }
      let members = slots.indices.filter { slots[$0].stage == UInt16(index) }
      if stage.role == .step || members.allSatisfy({ isComplete[$0] }) {
        isOver[index] = true
        if !parameters.staysWhenOver {
          for slot in members { if let worker = live[slot] { end(worker) } }
        }
      } else if stage.role == .sink && !isFlushing[index] {
        isFlushing[index] = true
        for slot in members { control(.flush, to: slot) }
      }
    }
  }
}
