import Coordination
import Delivery

extension SupervisorStateMachine {
  package mutating func originEnded(_ worker: Incarnation, last: UInt64) -> [SupervisorAction] {
    if let known = endedOrigins.first(where: { $0.origin == worker.slot }) {
      if known.last == last { return [] }
      return fail(
        "\(name(worker.slot)) ended at batch \(last) after a restart, at \(known.last) before it: "
          + "its input has changed")
    }
    endedOrigins.append((worker.slot, last))
    return slots.filter { $0.isAnnounced && role($0.id).isOrdered }.map {
      .send(.originEnded(worker.slot, last: last), to: $0.incarnation)
    }
  }

  /// A source, or a stage with state, has all its batches done up to `last`; `isWhole` if that is all there is.
  package mutating func originCompleted(
    _ worker: Incarnation, last: UInt64, tally: Tally, isWhole: Bool, now: UInt64
  ) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    if slots[index].hasReported { return [] }
    slots[index].hasReported = true
    var actions: [SupervisorAction] = []
    if isWhole {
      actions.append(.record(.complete(worker.slot, last: last, tally)))
    } else if role(worker.slot) == .source {
      if stages[Int(worker.slot.stage)].isEndless { hasDrainedEndless = true } else { hasWorkLeft = true }
      // Its input gave no more: sinks that merge would wait for ever for what the others cut beyond.
      if !stages[Int(worker.slot.stage)].isEndless, let drainTarget, last < drainTarget {
        return end(.stopped)
      }
    }
    tellDrainTarget(&actions)
    stop(index, now: now, &actions)
    cascade(now: now, &actions)
    return actions
  }

  /// A sink, or the keeper of dead letters, has written everything.
  package mutating func sinkFinished(
    _ worker: Incarnation, report: SinkReport, now: UInt64
  ) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    if slots[index].hasReported { return [] }
    slots[index].hasReported = true
    var actions: [SupervisorAction] = [.record(.finished(worker.slot, report))]
    stop(index, now: now, &actions)
    cascade(now: now, &actions)
    return actions
  }

  /// A source that was told to drain has stopped cutting.
  package mutating func originPaused(_ worker: Incarnation, last: UInt64) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard phase == .draining, drainTarget == nil, slots[index].epoch == worker.epoch else { return [] }
    paused.removeAll { $0.slot == worker.slot }
    paused.append((worker.slot, last))
    var actions: [SupervisorAction] = []
    tellDrainTarget(&actions)
    return actions
  }

  /// Tells the sources where to stop, once each has said where it stands or has come to its end instead.
  mutating func tellDrainTarget(_ actions: inout [SupervisorAction]) {
    guard phase == .draining, drainTarget == nil else { return }
    let waiting = slots.filter {
      role($0.id) == .source && $0.duty != .none && !$0.hasReported && $0.state != .parked
    }
    guard !waiting.isEmpty,
      waiting.allSatisfy({ slot in paused.contains { $0.slot == slot.id } })
    else { return }
    let target = paused.map(\.last).max() ?? 0
    drainTarget = target
    for source in waiting where source.isAnnounced {
      actions.append(.send(.drainUpTo(target), to: source.incarnation))
    }
  }

  /// A worker says that the run cannot go on.
  package mutating func workerFailed(_ worker: Incarnation, text: String) -> [SupervisorAction] {
    fail(text)
  }

  /// Ends what is over, from the sources down.
  mutating func cascade(now: UInt64, _ actions: inout [SupervisorAction]) {
    if case .ending = phase { return }
    if isPartial || phase == .draining && hasParkedSource { return leaveAfterDraining(now: now, &actions) }
    if hasParkedSource && !sourcesAreReading {
      let names = slots.filter { $0.state == .parked && role($0.id) == .source }.map { name($0.id) }
      actions += fail(
        "\(names.joined(separator: " and ")) died too often and was parked; what the other sources read is "
          + "done, and the same command goes on with the rest")
      return
    }
    var changed = true
    while changed {
      changed = false
      for stage in topology.stages.indices where !stageIsOver[stage] {
        guard topology.stages[stage].upstream.allSatisfy({ stageIsOver[Int($0)] }) else { continue }
        let members = slots.indices.filter { Int(slots[$0].id.stage) == stage }
        switch topology.stages[stage].role {
        case .step:
          stageIsOver[stage] = true
        case .source, .sink, .custody, .deadLetters:
          if members.allSatisfy({ slots[$0].hasReported || slots[$0].duty == .none }) {
            stageIsOver[stage] = true
          } else if topology.stages[stage].role != .source && !isFlushing[stage] {
            isFlushing[stage] = true
            for index in members where slots[index].isAnnounced {
              actions.append(.send(.flush, to: slots[index].incarnation))
            }
          }
        }
        if stageIsOver[stage] {
          changed = true
          for index in members { stop(index, now: now, &actions) }
        }
      }
    }
    finishIfEnded(&actions)
  }

  private var hasParkedSource: Bool {
    slots.contains { $0.state == .parked && role($0.id) == .source }
  }

  /// Whether a source that is not parked has not come to its end.
  private var sourcesAreReading: Bool {
    slots.indices.contains {
      role(slots[$0].id) == .source && isNeeded($0) && slots[$0].state != .parked
    }
  }

  /// Tells the stages with state to finish what they have numbered, each when those above it have. True when all
  /// have: what they know stays for the next run.
  private mutating func drainCustody(_ actions: inout [SupervisorAction]) -> Bool {
    var isDone = true
    for stage in topology.stages.indices where topology.stages[stage].role == .custody {
      let members = slots.indices.filter { Int(slots[$0].id.stage) == stage }
      if members.allSatisfy({ slots[$0].hasReported }) { continue }
      isDone = false
      let isAwaiting = stagesAbove(UInt16(stage)).contains { above in
        topology.stages[Int(above)].role == .custody
          && slots.contains { $0.id.stage == above && !$0.hasReported }
      }
      // One that flushes already comes to its end by itself.
      if isAwaiting || isFlushing[stage] || isLeaving[stage] { continue }
      isLeaving[stage] = true
      for index in members where slots[index].isAnnounced && !slots[index].hasReported {
        actions.append(.send(.drain, to: slots[index].incarnation))
      }
    }
    return isDone
  }

  /// Once no source has anything in flight, all that was cut is committed, or in the custody of a stage with
  /// state; and once those have nothing in flight, from the top down, nobody has anything left to do.
  private mutating func leaveAfterDraining(now: UInt64, _ actions: inout [SupervisorAction]) {
    if sourcesAreReading { return }
    if !drainCustody(&actions) { return }
    if hasParkedSource { hasWorkLeft = true }
    for stage in stageIsOver.indices { stageIsOver[stage] = true }
    for index in slots.indices { stop(index, now: now, &actions) }
    finishIfEnded(&actions)
  }
}
