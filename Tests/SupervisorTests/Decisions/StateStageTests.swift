import Coordination
import Delivery
import Supervisor
import Testing

/// Stages that keep state: read -> count -> again -> write, and read -> write.
struct StateStageTests {
  private static let read = SlotID(stage: 0, index: 0)
  private static let count = SlotID(stage: 1, index: 0)
  private static let again = SlotID(stage: 2, index: 0)
  private static let write = SlotID(stage: 3, index: 0)
  private static let slots = [read, count, again, write]

  private func running() -> SupervisorStateMachine {
    let topology = Topology(
      stages: [
        (role: .source, slots: 1), (role: .custody, slots: 1), (role: .custody, slots: 1),
        (role: .sink, slots: 1),
      ],
      edges: [(0, 1), (1, 2), (2, 3), (0, 3)])
    var machine = SupervisorStateMachine(
      topology: topology,
      stages: ["read", "count", "again", "write"].map { .init(name: $0, restart: Linear.patient) },
      limits: Linear.limits)
    _ = machine.runRequested(now: 0)
    for slot in Self.slots { _ = machine.workerReady(slot.life(1), now: 0) }
    return machine
  }

  private func complete(
    _ machine: inout SupervisorStateMachine, _ slot: SlotID, epoch: UInt32 = 1, isWhole: Bool = true
  ) -> [SupervisorAction] {
    machine.originCompleted(slot.life(epoch), last: 9, tally: Tally(), isWhole: isWhole, now: 0)
  }

  @Test func `the end runs down through them, each flushed when all above it are over`() {
    var machine = running()
    #expect(
      complete(&machine, Self.read).withoutRecords == [
        .send(.stop, to: Self.read.life(1)), .send(.flush, to: Self.count.life(1)),
      ])
    #expect(
      complete(&machine, Self.count) == [
        .record(.complete(Self.count, last: 9, Tally())), .send(.stop, to: Self.count.life(1)),
        .send(.flush, to: Self.again.life(1)),
      ])
    #expect(
      complete(&machine, Self.again).withoutRecords == [
        .send(.stop, to: Self.again.life(1)), .send(.flush, to: Self.write.life(1)),
      ])
  }

  @Test func `they hear where an origin ended, as sinks do, and a new life hears it again`() {
    var machine = running()
    #expect(
      machine.originEnded(Self.read.life(1), last: 4) == [
        .send(.originEnded(Self.read, last: 4), to: Self.count.life(1)),
        .send(.originEnded(Self.read, last: 4), to: Self.again.life(1)),
        .send(.originEnded(Self.read, last: 4), to: Self.write.life(1)),
      ])
    _ = complete(&machine, Self.read)
    _ = machine.died(Self.count.life(1), now: 1)
    _ = machine.deadlineReached(now: 1_000)
    let told = machine.workerReady(Self.count.life(2), now: 1_001)
    #expect(told.first == .send(.originEnded(Self.read, last: 4), to: Self.count.life(2)))
    #expect(told.contains(.send(.flush, to: Self.count.life(2))))
  }

  @Test func `a drain waits for what they have numbered, from the top down, and flushes nothing`() {
    var machine = running()
    #expect(machine.stopRequested(signal: 15, now: 0) == [.send(.drain, to: Self.read.life(1))])
    _ = machine.originPaused(Self.read.life(1), last: 4)
    #expect(
      complete(&machine, Self.read, isWhole: false) == [
        .send(.stop, to: Self.read.life(1)), .send(.drain, to: Self.count.life(1)),
      ])
    _ = machine.died(Self.count.life(1), now: 1)
    _ = machine.deadlineReached(now: 1_000)
    let told = machine.workerReady(Self.count.life(2), now: 1_001)
    #expect(told.contains(.send(.drain, to: Self.count.life(2))))
    #expect(
      complete(&machine, Self.count, epoch: 2, isWhole: false) == [
        .send(.stop, to: Self.count.life(2)), .send(.drain, to: Self.again.life(1)),
      ])
    let last = complete(&machine, Self.again, isWhole: false)
    #expect(
      last == [.send(.stop, to: Self.again.life(1)), .send(.stop, to: Self.write.life(1))])
    for (slot, epoch) in [(Self.read, 1), (Self.count, 2), (Self.again, 1)] as [(SlotID, UInt32)] {
      _ = machine.exited(slot.life(epoch), WorkerEnd(status: 0), now: 9)
    }
    #expect(machine.exited(Self.write.life(1), WorkerEnd(status: 0), now: 9) == [.finish(.stopped)])
  }

  @Test func `one that flushes already when the pipeline drains comes to its end by itself`() {
    var machine = running()
    _ = complete(&machine, Self.read)
    #expect(machine.stopRequested(signal: 15, now: 0).isEmpty)
    #expect(
      complete(&machine, Self.count).withoutRecords == [
        .send(.stop, to: Self.count.life(1)), .send(.flush, to: Self.again.life(1)),
      ])
  }

  @Test func `they are not scaled`() {
    var machine = running()
    let refusal = #expect(throws: Refusal.self) { try machine.scaleRequested(stage: 1, workers: 2, now: 0) }
    #expect(refusal?.description.contains("it keeps state, which is divided between the workers") == true)
  }
}
