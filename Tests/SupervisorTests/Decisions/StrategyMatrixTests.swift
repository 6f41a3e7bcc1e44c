import Coordination
import Delivery
import Supervisor
import Testing

/// Every restart policy, way to end and strategy: who is restarted, and whether the run goes on.
struct StrategyMatrixTests {
  /// How a worker ends.
  enum End: CaseIterable {
    case leaves, fails, isKilled, crashes, doesNotStart, isExcused

    var workerEnd: WorkerEnd {
      switch self {
      case .leaves: WorkerEnd(status: 0)
      case .fails: WorkerEnd(status: 3)
      case .isKilled: WorkerEnd(status: -9)
      case .crashes: WorkerEnd(status: -11)
      case .doesNotStart: WorkerEnd(status: nil, detail: "no memory")
      case .isExcused: WorkerEnd(status: -9, isExcused: true)
      }
    }
  }

  struct Case: CustomStringConvertible {
    var kind: RestartPolicy.Kind
    var end: End
    var strategy: RestartStrategy
    var slot: SlotID

    var description: String { "\(kind) \(end) \(strategy) \(slot)" }
  }

  static let cases: [Case] = [RestartPolicy.Kind.always, .onFailure, .never].flatMap { kind in
    End.allCases.flatMap { end in
      [RestartStrategy.oneForOne, .restForOne, .oneForAll].flatMap { strategy in
        Linear.slots.map { Case(kind: kind, end: end, strategy: strategy, slot: $0) }
      }
    }
  }

  private func mayRestart(_ matrixCase: Case) -> Bool {
    if matrixCase.end == .isExcused { return true }
    switch matrixCase.kind {
    case .always: return true
    case .onFailure: return matrixCase.end != .leaves
    case .never: return false
    }
  }

  /// Those that restart with it, from the definition of the strategy in this line of stages.
  private func companions(_ matrixCase: Case) -> [SlotID] {
    switch matrixCase.strategy {
    case .oneForOne: []
    case .restForOne: Linear.slots.filter { $0.stage < matrixCase.slot.stage }
    case .oneForAll: Linear.slots.filter { $0 != matrixCase.slot }
    }
  }

  @Test(arguments: cases) func `each ends as it must`(matrixCase: Case) {
    let policy = RestartPolicy(
      kind: matrixCase.kind, max: 3, window: 1_000, firstBackoff: 100, lastBackoff: 400)
    var machine = Linear.running(policy, strategy: matrixCase.strategy)
    let dead = matrixCase.slot.life(1)
    let actions = machine.workerExited(dead, matrixCase.end.workerEnd, now: 10, random: 0)
    let others = Linear.slots.filter { $0 != matrixCase.slot }.map { $0.life(1) }
    guard mayRestart(matrixCase) else {
      #expect(actions.filter { if case .kill = $0 { true } else { false } } == others.map { .kill($0) })
      var last: [SupervisorAction] = []
      for other in others { last = machine.died(other, now: 11) }
      #expect(
        last == [.finish(.failed(Self.refusal(matrixCase.slot)))])
      return
    }
    let group = companions(matrixCase).map { $0.life(1) }
    let stopped = actions.compactMap { action -> Incarnation? in
      if case .send(.stop, let worker) = action { return worker }
      return nil
    }
    #expect(stopped == group)
    for member in group { #expect(machine.died(member, 0, now: 12).deaths.isEmpty) }
    let restarted = machine.deadlineReached(now: 10_000).compactMap { action -> Incarnation? in
      if case .start(let worker) = action { return worker }
      return nil
    }
    // Those whose time had come when they left are at it already.
    let atOnce = matrixCase.end == .isExcused ? group.map(\.slot) : []
    let expected = ([matrixCase.slot] + group.map(\.slot)).filter { !atOnce.contains($0) }
    #expect(restarted == Linear.slots.filter(expected.contains).map { $0.life(2) })
    for slot in [matrixCase.slot] + group.map(\.slot) {
      #expect(machine.status(at: Linear.topology.position(of: slot)).state == .starting)
    }
  }

  private static func refusal(_ slot: SlotID) -> String {
    "\(["read", "clean", "write"][Int(slot.stage)]).\(slot.index) died and its restart policy does not replace it"
  }
}
