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
    /// False for what reads an input that can be read only once.
    package var canBeReplaced: Bool

    package init(
      name: String, restart: RestartPolicy, isEndless: Bool = false, attempts: Int = 3,
      failsOnPoison: Bool = false, canBeReplaced: Bool = true
    ) {
      self.name = name
      self.restart = restart
      self.isEndless = isEndless
      self.attempts = attempts
      self.failsOnPoison = failsOnPoison
      self.canBeReplaced = canBeReplaced
    }
  }

  package struct Limits: Sendable {
    /// Nanoseconds that a worker may take to become ready, and to leave when told to.
    package var readyWithin: UInt64 = 60_000_000_000
    package var stopWithin: UInt64 = 5_000_000_000
    /// To write a core.
    package var abortWithin: UInt64 = 3_000_000_000
    /// To finish what it has, which the stages below must commit first.
    package var retireWithin: UInt64 = 30_000_000_000

    package init() {}
  }

  enum Phase: Hashable, Sendable {
    case running
    case draining
    case ending(Outcome)
    case finished
  }

  package let topology: Topology
  let stages: [Stage]
  let strategy: RestartStrategy
  let limits: Limits
  package internal(set) var slots: [Slot]
  var stageIsOver: [Bool]
  var isFlushing: [Bool]
  /// Stages with state that were told to finish what they have numbered, as the pipeline drains.
  var isLeaving: [Bool]
  package internal(set) var endedOrigins: [(origin: SlotID, last: UInt64)] = []
  /// A source has drained before the end of its input.
  var isPartial: Bool { hasWorkLeft || hasDrainedEndless }
  var hasWorkLeft = false
  var hasDrainedEndless = false
  var phase = Phase.running
  /// Batches that ended their workers.
  package internal(set) var suspects: Suspects
  /// Sources read nothing until they are told to go on.
  package internal(set) var isPaused = false
  /// Where each source stopped cutting when it was told to drain.
  var paused: [(slot: SlotID, last: UInt64)] = []
  /// The sequence at which all sources stop, once each has said where it stands.
  var drainTarget: UInt64?
  /// When a drain that takes too long becomes an end at once.
  var drainDeadline: UInt64?
  /// Replacements in progress, by stage.
  var replacements: [Replacement?]
  /// Every worker that was needed has been ready.
  package internal(set) var isReady = false

  /// `history`: what an earlier supervisor of the same run recorded.
  package init(
    topology: Topology, stages: [Stage], strategy: RestartStrategy = .oneForOne, limits: Limits = Limits(),
    history: RunHistory? = nil
  ) {
    self.topology = topology
    self.stages = stages
    self.strategy = strategy
    self.limits = limits
    self.slots = topology.stages.indices.flatMap { stage in
      topology.slots(of: UInt16(stage)).map {
        Slot(id: $0, duty: Int($0.index) < topology.stages[stage].slots ? .regular : .none)
      }
    }
    self.stageIsOver = Array(repeating: false, count: stages.count)
    self.isFlushing = stageIsOver
    self.isLeaving = stageIsOver
    self.replacements = Array(repeating: nil, count: stages.count)
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
  package var isDraining: Bool { phase == .draining }
  var isEnding: Bool {
    if case .ending = phase { return true }
    return false
  }

  package func hasReported(_ slot: SlotID) -> Bool { slots[index(of: slot)].hasReported }

  /// Restarts per slot, in plan order.
  package var restartCounts: [Int] { slots.map(\.restarts) }

  /// When ``deadlineReached(now:)`` must be called at the latest.
  package var nextDeadline: UInt64? {
    if phase == .finished { return nil }
    let deadlines = slots.compactMap(\.deadline)
    return (deadlines + (drainDeadline.map { [$0] } ?? [])).min()
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
    replace(inStage: Int(worker.slot.stage), now: now, &actions)
    noteReadiness()
    return actions
  }

  package mutating func deadlineReached(now: UInt64) -> [SupervisorAction] {
    var actions: [SupervisorAction] = []
    if phase == .finished { return [] }
    if let drainDeadline, drainDeadline <= now {
      self.drainDeadline = nil
      return end(.forced(signal: Self.terminationSignal))
    }
    for index in slots.indices {
      guard let deadline = slots[index].deadline, deadline <= now else { continue }
      switch slots[index].state {
      case .backoff:
        slots[index].restarts += 1
        start(index, now: now, &actions)
      case .starting, .stopping: kill(index, .request, &actions)
      case .aborting: kill(index, .overdue, &actions)
      case .retiring:
        // What it has not finished is done again by others.
        slots[index].state = .stopping(deadline: now + limits.stopWithin)
        actions.append(.send(.stop, to: slots[index].incarnation))
      case .running, .killed, .parked, .over: break
      }
    }
    return actions
  }

  /// Something that concerns the whole run went wrong.
  package mutating func fail(_ text: String) -> [SupervisorAction] { end(.failed(text)) }

  mutating func start(_ index: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    slots[index].epoch += 1
    slots[index].startedAt = now
    slots[index].departure = nil
    slots[index].state = .starting(deadline: now + limits.readyWithin)
    actions.append(.start(slots[index].incarnation))
  }

  mutating func kill(_ index: Int, _ cause: KillCause, _ actions: inout [SupervisorAction]) {
    slots[index].state = .killed(cause)
    actions.append(.kill(slots[index].incarnation))
  }

  /// What a worker must know before its neighbours hear of it.
  private func sendSnapshot(to index: Int, _ actions: inout [SupervisorAction]) {
    let worker = slots[index].incarnation
    for ended in endedOrigins where role(worker.slot).isOrdered || ended.origin == worker.slot {
      actions.append(.send(.originEnded(ended.origin, last: ended.last), to: worker))
    }
    for neighbour in neighbours(of: index) where slots[neighbour].isAnnounced {
      actions.append(.send(.peerUp(slots[neighbour].incarnation), to: worker))
      if slots[neighbour].isRetiring && isUpstream(of: neighbour, index) {
        actions.append(.send(.peerRetires(slots[neighbour].incarnation), to: worker))
      }
    }
    if isFlushing[Int(worker.slot.stage)] { actions.append(.send(.flush, to: worker)) }
    if isLeaving[Int(worker.slot.stage)] { actions.append(.send(.drain, to: worker)) }
    if role(worker.slot) == .source {
      if phase == .draining {
        actions.append(.send(drainTarget.map { .drainUpTo($0) } ?? .drain, to: worker))
      } else if isPaused {
        actions.append(.send(.pause, to: worker))
      }
    }
  }

  func isNeeded(_ index: Int) -> Bool {
    slots[index].duty != .none && !slots[index].hasReported
      && !stageIsOver[Int(slots[index].id.stage)] && phase != .finished
  }

  /// Has a worker leave that has nothing left to do.
  mutating func stop(_ index: Int, now: UInt64, _ actions: inout [SupervisorAction]) {
    switch slots[index].state {
    case .running, .retiring:
      slots[index].state = .stopping(deadline: now + limits.stopWithin)
      actions.append(.send(.stop, to: slots[index].incarnation))
    case .starting: kill(index, .request, &actions)
    case .backoff, .parked: slots[index].state = .over
    case .stopping, .aborting, .killed, .over: break
    }
  }

  mutating func end(_ outcome: Outcome) -> [SupervisorAction] {
    if phase == .finished { return [] }
    if case .ending(let earlier) = phase {
      guard case .forced = outcome, earlier != outcome else { return [] }
    }
    phase = .ending(outcome)
    isPaused = false
    var actions: [SupervisorAction] = []
    for index in slots.indices {
      if slots[index].isAlive {
        kill(index, .request, &actions)
      } else {
        slots[index].state = .over
      }
    }
    finishIfEnded(&actions)
    return actions
  }

  mutating func finishIfEnded(_ actions: inout [SupervisorAction]) {
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

  private mutating func noteReadiness() {
    if isReady { return }
    isReady = slots.indices.allSatisfy { !isNeeded($0) || slots[$0].isAnnounced }
  }

  /// The signal that a run dies by which was ended at once without one.
  static let terminationSignal: Int32 = 15

  func index(of slot: SlotID) -> Int { topology.position(of: slot) }

  func neighbours(of index: Int) -> [Int] {
    topology.neighbours(of: slots[index].id.stage).map(self.index(of:))
  }

  /// Whether the worker at `other` sends to the one at `index`.
  func isUpstream(of index: Int, _ other: Int) -> Bool {
    let (stage, sender) = (slots[index].id.stage, slots[other].id.stage)
    return topology.stages[Int(stage)].upstream.contains(sender)
  }

  func role(_ slot: SlotID) -> Topology.Role { topology.stages[Int(slot.stage)].role }

  func name(_ slot: SlotID) -> String { "\(stages[Int(slot.stage)].name).\(slot.index)" }
}
