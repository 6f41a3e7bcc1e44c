import Coordination
import Delivery
import Supervisor

/// read.0 -> clean.0, clean.1 -> write.0: one source, one stage of steps, one sink.
enum Linear {
  static let read = SlotID(stage: 0, index: 0)
  static let clean = SlotID(stage: 1, index: 0)
  static let twin = SlotID(stage: 1, index: 1)
  static let write = SlotID(stage: 2, index: 0)
  static let slots = [read, clean, twin, write]

  static let topology = topology(capacity: 2)

  /// Where there is room for more than two workers of `clean`.
  static func topology(capacity: Int) -> Topology {
    Topology(
      stages: [
        .init(role: .source, slots: 1), .init(role: .step, slots: 2, capacity: capacity),
        .init(role: .sink, slots: 1),
      ],
      edges: [(0, 1), (1, 2)])
  }

  static let patient = RestartPolicy(
    kind: .always, max: 3, window: 1_000, firstBackoff: 100, lastBackoff: 400)

  static let limits: SupervisorStateMachine.Limits = {
    var limits = SupervisorStateMachine.Limits()
    limits.readyWithin = 10_000
    limits.stopWithin = 500
    limits.abortWithin = 300
    limits.retireWithin = 2_000
    return limits
  }()

  static func machine(
    _ restart: RestartPolicy = patient, failsOnPoison: Bool = false, capacity: Int = 2,
    strategy: RestartStrategy = .oneForOne, history: RunHistory? = nil
  ) -> SupervisorStateMachine {
    SupervisorStateMachine(
      topology: topology(capacity: capacity),
      stages: ["read", "clean", "write"].map {
        .init(name: $0, restart: restart, failsOnPoison: failsOnPoison)
      }, strategy: strategy, limits: limits, history: history)
  }

  /// A machine whose first workers are all ready, at time 0.
  static func running(
    _ restart: RestartPolicy = patient, failsOnPoison: Bool = false, capacity: Int = 2,
    strategy: RestartStrategy = .oneForOne
  ) -> SupervisorStateMachine {
    var machine = machine(
      restart, failsOnPoison: failsOnPoison, capacity: capacity, strategy: strategy)
    _ = machine.runRequested(now: 0)
    for slot in slots { _ = machine.workerReady(slot.life(1), now: 0) }
    return machine
  }
}

extension SlotID {
  func life(_ epoch: UInt32) -> Incarnation { Incarnation(slot: self, epoch: epoch) }
}

extension SupervisorStateMachine {
  mutating func died(_ worker: Incarnation, _ status: Int32? = -9, now: UInt64) -> [SupervisorAction] {
    workerExited(worker, WorkerEnd(status: status), now: now, random: 0).withoutRecords
  }

  /// What follows from the report of a source or a sink, without what goes to the journal.
  mutating func reported(_ worker: Incarnation, isWhole: Bool = true, now: UInt64 = 0) -> [SupervisorAction] {
    allReported(worker, isWhole: isWhole, now: now).withoutRecords
  }

  mutating func allReported(
    _ worker: Incarnation, last: UInt64 = 9, isWhole: Bool = true, now: UInt64 = 0
  ) -> [SupervisorAction] {
    if topology.stages[Int(worker.slot.stage)].role.isOrigin {
      return originCompleted(worker, last: last, tally: Tally(), isWhole: isWhole, now: now)
    }
    return sinkFinished(
      worker, report: SinkReport(target: "out", records: 1, bytes: 2, isDurable: true), now: now)
  }
}

extension [SupervisorAction] {
  var withoutRecords: [SupervisorAction] {
    filter {
      if case .record = $0 { return false }
      return true
    }
  }

  /// The actions without reports to the user, whose details other tests look at.
  var withoutReports: [SupervisorAction] {
    filter {
      if case .report = $0 { return false }
      return true
    }
  }

  var deaths: [Death] {
    compactMap {
      if case .report(let death) = $0 { return death }
      return nil
    }
  }
}
