import Coordination
import Delivery
import Supervisor

/// Workers that do what they are told: become ready when started, leave when asked to. One thing at a time.
struct WillingWorkers {
  var machine: SupervisorStateMachine
  private(set) var starting: [Incarnation] = []
  private(set) var leaving: [Incarnation] = []
  /// At work, and not told to leave.
  private(set) var serving: Set<Incarnation>
  private(set) var fewest: [UInt16: Int] = [:]
  private(set) var most: [UInt16: Int] = [:]
  private(set) var started = 0
  private(set) var notes: [String] = []
  private(set) var outcome: Outcome?

  init(_ machine: SupervisorStateMachine, serving: [SlotID]) {
    self.machine = machine
    self.serving = Set(serving.map { $0.life(1) })
    note()
  }

  mutating func take(_ actions: [SupervisorAction]) {
    for action in actions {
      switch action {
      case .start(let worker):
        starting.append(worker)
        started += 1
      case .send(.stop, let worker), .send(.retire, let worker), .kill(let worker):
        starting.removeAll { $0 == worker }
        serving.remove(worker)
        if !leaving.contains(worker) { leaving.append(worker) }
      case .note(_, let text): notes.append(text)
      case .finish(let how): outcome = how
      case .send, .record, .warn, .report, .abort: break
      }
    }
    note()
  }

  /// Until nothing is under way.
  mutating func settle() {
    while !starting.isEmpty || !leaving.isEmpty {
      if !starting.isEmpty {
        let worker = starting.removeFirst()
        serving.insert(worker)
        note()
        take(machine.workerReady(worker, now: 1))
      } else {
        let worker = leaving.removeFirst()
        take(machine.workerExited(worker, WorkerEnd(status: 0), now: 1, random: 0))
      }
    }
  }

  func count(ofStage stage: UInt16) -> Int { serving.count { $0.slot.stage == stage } }

  private mutating func note() {
    for stage in Set(serving.map(\.slot.stage)).union(fewest.keys) {
      fewest[stage] = min(fewest[stage] ?? .max, count(ofStage: stage))
      most[stage] = max(most[stage] ?? 0, count(ofStage: stage))
    }
  }
}
