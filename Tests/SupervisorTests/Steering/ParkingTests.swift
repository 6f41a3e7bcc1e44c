import Coordination
import Delivery
import Supervisor
import Testing

/// Slots that died too often where the policy says `park`.
struct ParkingTests {
  private static let parking = RestartPolicy(
    kind: .always, max: 0, window: 1_000, firstBackoff: 100, lastBackoff: 400, exceeded: .park)
  private static let second = SlotID(stage: 0, index: 1)

  /// Two sources of their own, one sink that waits for none in particular or for both.
  private func fanIn(merges: Bool) -> SupervisorStateMachine {
    var machine = SupervisorStateMachine(
      topology: Topology(
        stages: [.init(role: .source, slots: 2), .init(role: .sink, slots: 1, merges: merges)],
        edges: [(0, 1)]),
      stages: ["read", "write"].map { .init(name: $0, restart: Self.parking) })
    _ = machine.runRequested(now: 0)
    for slot in [Linear.read, Self.second, SlotID(stage: 1, index: 0)] {
      _ = machine.workerReady(slot.life(1), now: 0)
    }
    return machine
  }

  @Test func `the others of a stage go on`() {
    var machine = Linear.running(Self.parking)
    let deaths = machine.died(Linear.clean.life(1), now: 1).deaths
    #expect(deaths.map(\.consequence) == [.parked(max: 0, window: 1_000)])
    #expect(machine.nextDeadline == nil)
    _ = machine.originEnded(Linear.read.life(1), last: 9)
    _ = machine.allReported(Linear.read.life(1), now: 2)
    _ = machine.allReported(Linear.write.life(1), now: 3)
    var last: [SupervisorAction] = []
    for slot in [Linear.read, Linear.twin, Linear.write] { last = machine.died(slot.life(1), 0, now: 4) }
    #expect(last == [.finish(.complete)])
  }

  @Test func `the last of a stage is not left alone`() {
    var machine = Linear.running(Self.parking)
    _ = machine.died(Linear.clean.life(1), now: 1)
    let deaths = machine.died(Linear.twin.life(1), now: 2).deaths
    #expect(deaths.map(\.consequence) == [.tooMany(max: 0, window: 1_000)])
    #expect(machine.isFinished == false)
  }

  @Test func `a sink is not left alone`() {
    var machine = Linear.running(Self.parking)
    #expect(
      machine.died(Linear.write.life(1), now: 1).deaths.map(\.consequence) == [
        .tooMany(max: 0, window: 1_000)
      ])
  }

  @Test func `a restart that is asked for ends it`() throws {
    var machine = Linear.running(Self.parking)
    _ = machine.died(Linear.clean.life(1), now: 1)
    #expect(machine.isSettled(stage: 1))
    #expect(try machine.restartRequested(stage: 1, slot: 0, now: 2) == [.start(Linear.clean.life(2))])
  }

  @Test func `a source is left alone where no sink waits for it, and then the run has failed`() {
    var machine = fanIn(merges: false)
    #expect(
      machine.died(Linear.read.life(1), now: 1).deaths.map(\.consequence) == [.parked(max: 0, window: 1_000)])
    _ = machine.originEnded(Self.second.life(1), last: 9)
    let actions = machine.allReported(Self.second.life(1), now: 2)
    #expect(actions.contains { if case .kill = $0 { true } else { false } })
    _ = machine.died(Self.second.life(1), now: 3)
    let last = machine.died(SlotID(stage: 1, index: 0).life(1), now: 3)
    #expect(
      last == [
        .finish(
          .failed(
            "read.0 died too often and was parked; what the other sources read is done, and the same command "
              + "goes on with the rest"))
      ])
  }

  @Test func `a source that a sink waits for is not left alone`() {
    var machine = fanIn(merges: true)
    #expect(
      machine.died(Linear.read.life(1), now: 1).deaths.map(\.consequence) == [.tooMany(max: 0, window: 1_000)]
    )
  }

  @Test func `a drain does not wait for it`() {
    var machine = fanIn(merges: false)
    _ = machine.died(Linear.read.life(1), now: 1)
    #expect(machine.stopRequested(signal: 15, now: 2) == [.send(.drain, to: Self.second.life(1))])
    #expect(
      machine.originPaused(Self.second.life(1), last: 4) == [.send(.drainUpTo(4), to: Self.second.life(1))])
    _ = machine.originEnded(Self.second.life(1), last: 4)
    _ = machine.allReported(Self.second.life(1), last: 4, isWhole: false, now: 3)
    _ = machine.died(Self.second.life(1), 0, now: 4)
    #expect(machine.died(SlotID(stage: 1, index: 0).life(1), 0, now: 4) == [.finish(.stopped)])
  }
}
