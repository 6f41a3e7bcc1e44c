import Coordination
import Delivery

extension SupervisorStateMachine {
  /// A worker has ended and was reaped, or could not be started (`status` nil).
  ///
  /// What it had in hand is judged and made known before its neighbours hear of the death, because they send
  /// the batch elsewhere then.
  package mutating func workerExited(
    _ worker: Incarnation, _ end: WorkerEnd, now: UInt64, random: UInt64
  ) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard slots[index].epoch == worker.epoch, slots[index].isAlive else { return [] }
    let previous = slots[index].state
    let departure = slots[index].departure
    slots[index].state = .over
    slots[index].departure = nil
    var actions: [SupervisorAction] = []
    // Who was asked to leave, and left or was killed for not leaving, has not died.
    let hasLeft = departure != nil && (end.status == 0 || previous.killCause == .request)
    let isJudged = !isEnding && isNeeded(index) && !hasLeft
    let blame = isJudged ? blame(worker, end, killed: previous.killCause, &actions) : .nobody
    for neighbour in neighbours(of: index) where slots[neighbour].isAnnounced {
      actions.append(.send(.peerDown(worker), to: slots[neighbour].incarnation))
    }
    if isJudged {
      let death = Death(
        incarnation: worker, status: end.status, uptime: now - slots[index].startedAt,
        wasReady: !previous.isStarting, detail: detail(of: end, killed: previous.killCause),
        consequence: .stopping)
      judge(death, blame, index: index, now: now, random: random, &actions)
    } else if hasLeft, case .again(let time) = departure, !isEnding, isNeeded(index) {
      if time > now { slots[index].state = .backoff(until: time) } else { start(index, now: now, &actions) }
    } else {
      finishIfEnded(&actions)
    }
    if !isEnding { replace(inStage: Int(worker.slot.stage), now: now, &actions) }
    return actions
  }

  private func detail(of end: WorkerEnd, killed cause: KillCause?) -> String {
    switch cause {
    case .overdue: "over its deadline"
    case .memory: "over its memory limit"
    case .request, nil: end.detail
    }
  }

  /// Who answers for a death.
  private enum Blame: Hashable {
    /// Counts against the stage's restart intensity.
    case worker
    /// What it had in hand, which has ended a worker before.
    case batch
    /// Killed on purpose.
    case nobody
    /// A record, in a stage where that ends the run.
    case fatal(String)
  }

  private mutating func blame(
    _ worker: Incarnation, _ end: WorkerEnd, killed: KillCause?, _ actions: inout [SupervisorAction]
  ) -> Blame {
    if end.isExcused { return .nobody }
    if killed == .request { return .worker }
    guard let inHand = end.inHand, let status = end.status, status != 0 else { return .worker }
    let stage = worker.slot.stage
    let isKnown = suspects.isKnown(inHand.batch, stage: stage)
    let cause = killed == .overdue ? "deadline" : killed == .memory ? "memory limit" : end.cause
    switch suspects.died(inHand: inHand.batch, record: inHand.record, stage: stage) {
    case .unexplained: return .worker
    case .suspected: return isKnown ? .batch : .worker
    case .recordByRecord:
      actions.append(.warn(stage: stage))
      return isKnown ? .batch : .worker
    case .condemned:
      if stages[Int(stage)].failsOnPoison {
        return .fatal(
          "\(inHand.place): error: this record ends its worker (\(cause)); mend the step, or set "
            + "'on_error: dead-letter' for stage \(stages[Int(stage)].name)")
      }
      actions.append(
        .record(
          .condemned(
            Condemnation(
              stage: stage, batch: inHand.batch, record: inHand.record ?? 0, cause: cause,
              attempts: UInt32(stages[Int(stage)].attempts + Suspects.deathsToCondemn),
              worker: name(worker.slot), time: end.time, lastWords: end.lastWords))))
      actions.append(.warn(stage: stage))
      return .batch
    }
  }

  private mutating func judge(
    _ death: Death, _ blame: Blame, index: Int, now: UInt64, random: UInt64,
    _ actions: inout [SupervisorAction]
  ) {
    var death = death
    let policy = stages[Int(slots[index].id.stage)].restart
    let name = name(death.incarnation.slot)
    switch blame {
    case .nobody:
      slots[index].state = .backoff(until: now)
      death.consequence = .excused
    case .batch where policy.kind != .never:
      slots[index].state = .backoff(until: now + policy.firstBackoff)
      death.consequence = .isolating(delay: policy.firstBackoff)
    case .fatal(let text):
      death.consequence = .notReplaced
      actions.append(.report(death))
      actions += fail(text)
      return
    case .batch, .worker:
      let verdict = slots[index].history.died(
        status: death.status ?? 1, uptime: death.uptime, policy: policy, now: now, random: random)
      switch verdict {
      case .restart(let delay, let count):
        slots[index].state = .backoff(until: now + delay)
        death.consequence = .restart(delay: delay, count: count, max: policy.max, window: policy.window)
      case .tooMany where policy.exceeded == .park && canPark(index):
        slots[index].state = .parked
        death.consequence = .parked(max: policy.max, window: policy.window)
        actions.append(.report(death))
        cascade(now: now, &actions)
        return
      case .tooMany:
        death.consequence = .tooMany(max: policy.max, window: policy.window)
        actions.append(.report(death))
        let why =
          policy.exceeded == .park
          ? ", and it can't be parked: the others could not go on without it" : ""
        actions += fail("\(name) died more often than its restart policy allows\(why)")
        return
      case .refused:
        death.consequence = .notReplaced
        actions.append(.report(death))
        actions += fail("\(name) died and its restart policy does not replace it")
        return
      }
    }
    actions.append(.report(death))
    restartGroup(of: index, now: now, &actions)
  }

  /// Whether the others can go on without it: another worker of its stage takes the same batches, or it is one
  /// of several sources and nobody waits for its batches in particular.
  private func canPark(_ index: Int) -> Bool {
    let stage = slots[index].id.stage
    switch topology.stages[Int(stage)].role {
    case .step:
      guard topology.stages[Int(stage)].input == .balanced else { return false }
      return slots.contains {
        $0.id.stage == stage && $0.id != slots[index].id && $0.duty != .none && $0.state != .parked
          && ($0.isAlive || $0.deadline != nil)
      }
    case .source:
      let others = slots.indices.filter { role(slots[$0].id) == .source && $0 != index }
      let isAwaited = topology.stages.contains { $0.role.isOrdered && $0.merges }
      return !isAwaited && others.contains { isNeeded($0) && slots[$0].state != .parked }
    case .sink, .custody, .deadLetters: return false
    }
  }

  /// Has those leave and come back that the strategy restarts together with a dead worker, not before it.
  private mutating func restartGroup(of index: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    guard case .backoff(let time) = slots[index].state else { return }
    let stage = slots[index].id.stage
    let members: [Int]
    switch strategy {
    case .oneForOne: return
    case .oneForAll: members = slots.indices.filter { $0 != index }
    case .restForOne:
      let above = stagesAbove(stage)
      members = slots.indices.filter { above.contains(slots[$0].id.stage) }
    }
    // In the order of a stop: what reads first, what writes last.
    for member in members where mayBeReplaced(member) {
      switch slots[member].state {
      case .running, .retiring: leave(member, .again(at: time), gently: false, now: now, &actions)
      case .starting, .stopping, .backoff, .aborting, .killed, .parked, .over: break
      }
    }
  }

  /// The stages that feed a stage, directly or not.
  func stagesAbove(_ stage: UInt16) -> Set<UInt16> {
    var found: Set<UInt16> = []
    var waiting = topology.stages[Int(stage)].upstream
    while let next = waiting.popLast() {
      if found.insert(next).inserted { waiting += topology.stages[Int(next)].upstream }
    }
    return found
  }

  /// A worker has spent more than its stage's deadline on what it has in hand: it is to leave a core and its
  /// last words before it is killed.
  package mutating func workOverdue(_ worker: Incarnation, now: UInt64) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard slots[index].incarnation == worker else { return [] }
    switch slots[index].state {
    case .running, .retiring:
      slots[index].state = .aborting(deadline: now + limits.abortWithin)
      return [.abort(worker)]
    case .starting, .stopping, .backoff, .aborting, .killed, .parked, .over: return []
    }
  }

  /// A worker uses more memory than its stage may: it is replaced, at once where the limit is the hard one.
  package mutating func memoryExceeded(
    _ worker: Incarnation, isHard: Bool, used: Int, now: UInt64
  ) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard slots[index].incarnation == worker else { return [] }
    var actions: [SupervisorAction] = []
    if isHard {
      guard slots[index].isAnnounced else { return [] }
      kill(index, .memory, &actions)
      return actions
    }
    guard case .running = slots[index].state else { return [] }
    requestReplacement(index, reason: "it uses \(used >> 20) MiB", now: now, &actions)
    return actions
  }

  /// A source has stored its low-water mark: what is below will not be worked on again.
  package mutating func originAdvanced(_ origin: SlotID, low: UInt64) {
    suspects.forget(below: low, origin: origin)
  }
}
