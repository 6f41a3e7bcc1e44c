import Coordination
import Delivery

/// Decides what runs: starts, announcements, restarts, completion, draining and the outcome.
///
/// Pure: facts go in as past-tense inputs with the time, actions come out. Order of rules: on a death the
/// neighbours are told before anything else; a new worker gets a snapshot before its neighbours hear of it;
/// a stage is over when all stages above are over and it has reported, and a report counts, not the exit
/// status (protocol rules 20 and 21).
package struct SupervisorStateMachine: Sendable {
  package struct Stage: Sendable {
    package var name: String
    package var restart: RestartPolicy
    /// A source whose input never ends: to have drained it is to be done.
    package var isEndless: Bool
    /// Deaths over one batch after which it is worked on record by record.
    package var attempts: Int
    /// Whether a record that ends its workers ends the run, too.
    package var failsOnPoison: Bool

    package init(
      name: String, restart: RestartPolicy, isEndless: Bool = false, attempts: Int = 3,
      failsOnPoison: Bool = false
    ) {
      self.name = name
      self.restart = restart
      self.isEndless = isEndless
      self.attempts = attempts
      self.failsOnPoison = failsOnPoison
    }
  }

  package struct Limits: Sendable {
    /// Nanoseconds that a worker may take to become ready, and to leave when told to.
    package var readyWithin: UInt64 = 60_000_000_000
    package var stopWithin: UInt64 = 5_000_000_000

    package init() {}
  }

  package enum SlotState: Hashable, Sendable {
    case starting(deadline: UInt64)
    case running
    case stopping(deadline: UInt64)
    case backoff(until: UInt64)
    /// Told to die; its exit is awaited. `isOverdue`: because of the work in hand, which is to blame.
    case killed(isOverdue: Bool)
    case over
  }

  struct Slot: Sendable {
    var id: SlotID
    var epoch: UInt32 = 0
    var state: SlotState = .over
    var startedAt: UInt64 = 0
    var history = RestartHistory()
    var restarts = 0
    /// A source that is complete or a sink that has finished: needs no replacement.
    var hasReported = false

    var incarnation: Incarnation { Incarnation(slot: id, epoch: epoch) }
    var isAlive: Bool {
      switch state {
      case .starting, .running, .stopping, .killed: true
      case .backoff, .over: false
      }
    }
    /// Ready, and neither dead nor told to die: its neighbours may talk to it.
    var isAnnounced: Bool {
      switch state {
      case .running, .stopping: true
      case .starting, .backoff, .killed, .over: false
      }
    }
  }

  private enum Phase: Hashable, Sendable {
    case running
    case draining
    case ending(Outcome)
    case finished
  }

  package let topology: Topology
  private let stages: [Stage]
  private let limits: Limits
  var slots: [Slot]
  private var stageIsOver: [Bool]
  private var isFlushing: [Bool]
  package private(set) var endedOrigins: [(origin: SlotID, last: UInt64)] = []
  /// A source has drained before the end of its input.
  private var isPartial: Bool { hasWorkLeft || hasDrainedEndless }
  private var hasWorkLeft = false
  private var hasDrainedEndless = false
  private var phase = Phase.running
  /// Batches that ended their workers.
  package private(set) var suspects: Suspects
  /// Where each source stopped cutting when it was told to drain.
  private var paused: [(slot: SlotID, last: UInt64)] = []
  /// The sequence at which all sources stop, once each has said where it stands.
  private var drainTarget: UInt64?

  /// `history`: what an earlier supervisor of the same run recorded.
  package init(
    topology: Topology, stages: [Stage], limits: Limits = Limits(), history: RunHistory? = nil
  ) {
    self.topology = topology
    self.stages = stages
    self.limits = limits
    self.slots = topology.stages.indices.flatMap { stage in
      topology.slots(of: UInt16(stage)).map { Slot(id: $0) }
    }
    self.stageIsOver = Array(repeating: false, count: stages.count)
    self.isFlushing = stageIsOver
    self.suspects = Suspects(attempts: stages.map(\.attempts))
    for origin in history?.complete ?? [] {
      slots[index(of: origin.slot)].hasReported = true
      endedOrigins.append((origin.slot, origin.last))
    }
    for sink in history?.finished ?? [] { slots[index(of: sink.slot)].hasReported = true }
    for known in history?.condemned ?? [] {
      suspects.restore(condemned: known.record, of: known.batch, stage: known.stage)
    }
  }

  package var isFinished: Bool { phase == .finished }
  private var isEnding: Bool {
    if case .ending = phase { return true }
    return false
  }
  package var isDraining: Bool { phase == .draining }

  package func hasReported(_ slot: SlotID) -> Bool { slots[index(of: slot)].hasReported }

  /// Restarts per slot, in plan order.
  package var restartCounts: [Int] { slots.map(\.restarts) }

  /// What a slot does, as its page shows it, and how often it was restarted.
  package func status(at position: Int) -> (state: StatisticsPage.State, restarts: Int) {
    let slot = slots[position]
    let state: StatisticsPage.State =
      switch slot.state {
      case .starting: .starting
      case .running: .running
      case .backoff: .backoff
      case .stopping, .killed, .over: slot.epoch == 0 ? .waiting : .over
      }
    return (state, slot.restarts)
  }

  /// When ``deadlineReached(now:)`` must be called at the latest.
  package var nextDeadline: UInt64? {
    slots.compactMap { slot -> UInt64? in
      switch slot.state {
      case .starting(let deadline), .stopping(let deadline): deadline
      case .backoff(let until): until
      case .running, .killed, .over: nil
      }
    }.min()
  }

  package mutating func runRequested(now: UInt64) -> [SupervisorAction] {
    var actions: [SupervisorAction] = []
    for stage in stages.indices where !suspects.entries(ofStage: UInt16(stage)).isEmpty {
      actions.append(.warn(stage: UInt16(stage)))
    }
    cascade(now: now, &actions)
    for index in slots.indices.reversed() where isNeeded(index) { start(index, now: now, &actions) }
    return actions
  }

  package mutating func workerReady(_ worker: Incarnation, now: UInt64) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard slots[index].epoch == worker.epoch, case .starting = slots[index].state else { return [] }
    var actions: [SupervisorAction] = []
    slots[index].state = .running
    sendSnapshot(to: index, &actions)
    for neighbour in neighbours(of: index) where slots[neighbour].isAnnounced {
      actions.append(.send(.peerUp(worker), to: slots[neighbour].incarnation))
    }
    cascade(now: now, &actions)
    return actions
  }

  package mutating func originEnded(_ worker: Incarnation, last: UInt64) -> [SupervisorAction] {
    if let known = endedOrigins.first(where: { $0.origin == worker.slot }) {
      if known.last == last { return [] }
      return fail(
        "\(name(worker.slot)) ended at batch \(last) after a restart, at \(known.last) before it: "
          + "its input has changed")
    }
    endedOrigins.append((worker.slot, last))
    return slots.filter { $0.isAnnounced && role($0.id) == .sink }.map {
      .send(.originEnded(worker.slot, last: last), to: $0.incarnation)
    }
  }

  /// A source has all its batches done up to `last`; `isWhole` if that is all there is.
  package mutating func originCompleted(
    _ worker: Incarnation, last: UInt64, tally: Tally, isWhole: Bool, now: UInt64
  ) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    if slots[index].hasReported { return [] }
    slots[index].hasReported = true
    var actions: [SupervisorAction] = []
    if isWhole {
      actions.append(.record(.complete(worker.slot, last: last, tally)))
    } else {
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
  private mutating func tellDrainTarget(_ actions: inout [SupervisorAction]) {
    guard phase == .draining, drainTarget == nil else { return }
    let waiting = slots.filter { role($0.id) == .source && !$0.hasReported }
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
    slots[index].state = .over
    var actions: [SupervisorAction] = []
    let isJudged =
      !isEnding && !slots[index].hasReported && !stageIsOver[Int(worker.slot.stage)]
    let blame = isJudged ? blame(worker, end, killed: previous, &actions) : .nobody
    for neighbour in neighbours(of: index) where slots[neighbour].isAnnounced {
      actions.append(.send(.peerDown(worker), to: slots[neighbour].incarnation))
    }
    if isJudged {
      let death = Death(
        incarnation: worker, status: end.status, uptime: now - slots[index].startedAt,
        wasReady: !previous.isStarting, detail: previous.isOverdue ? "over its deadline" : end.detail,
        consequence: .stopping)
      judge(death, blame, index: index, now: now, random: random, &actions)
    } else {
      finishIfEnded(&actions)
    }
    return actions
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
    _ worker: Incarnation, _ end: WorkerEnd, killed previous: SlotState, _ actions: inout [SupervisorAction]
  ) -> Blame {
    if end.isExcused { return .nobody }
    if case .killed(let isOverdue) = previous, !isOverdue { return .worker }
    guard let inHand = end.inHand, let status = end.status, status != 0 else { return .worker }
    let stage = worker.slot.stage
    let isKnown = suspects.isKnown(inHand.batch, stage: stage)
    let cause = previous.isOverdue ? "deadline" : end.cause
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

  /// A worker has spent more than its stage's deadline on what it has in hand.
  package mutating func workOverdue(_ worker: Incarnation) -> [SupervisorAction] {
    let index = index(of: worker.slot)
    guard slots[index].incarnation == worker, slots[index].state == .running else { return [] }
    slots[index].state = .killed(isOverdue: true)
    return [.kill(worker)]
  }

  /// A source has stored its low-water mark: what is below will not be worked on again.
  package mutating func originAdvanced(_ origin: SlotID, low: UInt64) {
    suspects.forget(below: low, origin: origin)
  }

  /// The user asked to stop: drains at first, the second time ends everything at once.
  package mutating func stopRequested(signal: Int32, now: UInt64) -> [SupervisorAction] {
    switch phase {
    case .running:
      phase = .draining
      return slots.filter { $0.state == .running && role($0.id) == .source && !$0.hasReported }.map {
        .send(.drain, to: $0.incarnation)
      }
    case .draining, .ending: return end(.forced(signal: signal))
    case .finished: return []
    }
  }

  package mutating func deadlineReached(now: UInt64) -> [SupervisorAction] {
    var actions: [SupervisorAction] = []
    for index in slots.indices {
      switch slots[index].state {
      case .backoff(let until) where until <= now:
        slots[index].restarts += 1
        start(index, now: now, &actions)
      case .starting(let deadline) where deadline <= now,
        .stopping(let deadline) where deadline <= now:
        slots[index].state = .killed(isOverdue: false)
        actions.append(.kill(slots[index].incarnation))
      default: break
      }
    }
    return actions
  }

  /// Something that concerns the whole run went wrong.
  package mutating func fail(_ text: String) -> [SupervisorAction] { end(.failed(text)) }

  private mutating func start(_ index: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    slots[index].epoch += 1
    slots[index].startedAt = now
    slots[index].state = .starting(deadline: now + limits.readyWithin)
    actions.append(.start(slots[index].incarnation))
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
      case .tooMany:
        death.consequence = .tooMany(max: policy.max, window: policy.window)
        actions.append(.report(death))
        actions += fail("\(name) died more often than its restart policy allows")
        return
      case .refused:
        death.consequence = .notReplaced
        actions.append(.report(death))
        actions += fail("\(name) died and its restart policy does not replace it")
        return
      }
    }
    actions.append(.report(death))
  }

  /// What a worker must know before its neighbours hear of it.
  private func sendSnapshot(to index: Int, _ actions: inout [SupervisorAction]) {
    let worker = slots[index].incarnation
    for ended in endedOrigins where role(worker.slot) == .sink || ended.origin == worker.slot {
      actions.append(.send(.originEnded(ended.origin, last: ended.last), to: worker))
    }
    for neighbour in neighbours(of: index) where slots[neighbour].isAnnounced {
      actions.append(.send(.peerUp(slots[neighbour].incarnation), to: worker))
    }
    if isFlushing[Int(worker.slot.stage)] { actions.append(.send(.flush, to: worker)) }
    if phase == .draining && role(worker.slot) == .source {
      actions.append(.send(drainTarget.map { .drainUpTo($0) } ?? .drain, to: worker))
    }
  }

  /// Ends what is over, from the sources down.
  private mutating func cascade(now: UInt64, _ actions: inout [SupervisorAction]) {
    if case .ending = phase { return }
    if isPartial { return leaveAfterDraining(now: now, &actions) }
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
          if members.allSatisfy({ slots[$0].hasReported }) {
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

  /// Once no source has anything in flight, all that was cut is committed: nobody has anything left to do.
  private mutating func leaveAfterDraining(now: UInt64, _ actions: inout [SupervisorAction]) {
    guard slots.allSatisfy({ role($0.id) != .source || $0.hasReported }) else { return }
    for stage in stageIsOver.indices { stageIsOver[stage] = true }
    for index in slots.indices { stop(index, now: now, &actions) }
    finishIfEnded(&actions)
  }

  private func isNeeded(_ index: Int) -> Bool {
    !slots[index].hasReported && !stageIsOver[Int(slots[index].id.stage)] && phase != .finished
  }

  private mutating func stop(_ index: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    switch slots[index].state {
    case .running:
      slots[index].state = .stopping(deadline: now + limits.stopWithin)
      actions.append(.send(.stop, to: slots[index].incarnation))
    case .starting:
      slots[index].state = .killed(isOverdue: false)
      actions.append(.kill(slots[index].incarnation))
    case .backoff: slots[index].state = .over
    case .stopping, .killed, .over: break
    }
  }

  private mutating func end(_ outcome: Outcome) -> [SupervisorAction] {
    if phase == .finished { return [] }
    if case .ending(let earlier) = phase {
      guard case .forced = outcome, earlier != outcome else { return [] }
    }
    phase = .ending(outcome)
    var actions: [SupervisorAction] = []
    for index in slots.indices {
      if slots[index].isAlive {
        slots[index].state = .killed(isOverdue: false)
        actions.append(.kill(slots[index].incarnation))
      } else {
        slots[index].state = .over
      }
    }
    finishIfEnded(&actions)
    return actions
  }

  private mutating func finishIfEnded(_ actions: inout [SupervisorAction]) {
    guard slots.allSatisfy({ !$0.isAlive }) else { return }
    switch phase {
    case .ending(let outcome):
      phase = .finished
      actions.append(.finish(outcome))
    case .running, .draining:
      guard stageIsOver.allSatisfy({ $0 }) else { return }
      phase = .finished
      if !isPartial { actions.append(.record(.ended)) }
      actions.append(.finish(hasWorkLeft ? .stopped : hasDrainedEndless ? .drained : .complete))
    case .finished: break
    }
  }

  private func index(of slot: SlotID) -> Int { topology.position(of: slot) }

  private func neighbours(of index: Int) -> [Int] {
    topology.neighbours(of: slots[index].id.stage).map(self.index(of:))
  }

  private func role(_ slot: SlotID) -> Topology.Role { topology.stages[Int(slot.stage)].role }

  private func name(_ slot: SlotID) -> String { "\(stages[Int(slot.stage)].name).\(slot.index)" }
}

extension SupervisorStateMachine.SlotState {
  var isOverdue: Bool {
    if case .killed(isOverdue: true) = self { return true }
    return false
  }

  var isStarting: Bool {
    if case .starting = self { return true }
    return false
  }
}
