import Coordination
import Delivery
import Supervisor
import Testing

/// Workers that are replaced although they live.
struct ReplacementTests {
  private func willing(capacity: Int) -> WillingWorkers {
    WillingWorkers(Linear.running(capacity: capacity), serving: Linear.slots)
  }

  @Test func `a stage of steps never has fewer workers while all of them are replaced`() throws {
    var world = willing(capacity: 4)
    world.take(try world.machine.restartRequested(stage: 1, slot: nil, now: 0))
    #expect(!world.machine.isSettled(stage: 1))
    world.settle()
    #expect(world.machine.isSettled(stage: 1))
    #expect(world.fewest[1] == 2 && world.most[1] == 3)
    #expect(
      world.serving
        == [Linear.read.life(1), Linear.clean.life(2), Linear.twin.life(2), Linear.write.life(1)])
    #expect(world.started == 3)
  }

  @Test func `a worker that retires is told after those who send to it`() throws {
    var machine = Linear.running(capacity: 3)
    let spare = SlotID(stage: 1, index: 2).life(1)
    #expect(try machine.restartRequested(stage: 1, slot: 0, now: 0) == [.start(spare)])
    let actions = machine.workerReady(spare, now: 1)
    #expect(
      actions.suffix(2) == [
        .send(.peerRetires(Linear.clean.life(1)), to: Linear.read.life(1)),
        .send(.retire, to: Linear.clean.life(1)),
      ])
  }

  @Test func `without a slot to spare it leaves first`() throws {
    var world = willing(capacity: 2)
    world.take(try world.machine.restartRequested(stage: 1, slot: 1, now: 0))
    world.settle()
    #expect(world.fewest[1] == 1 && world.serving.contains(Linear.twin.life(2)) && world.started == 1)
  }

  @Test(arguments: [0, 2]) func `a source and a sink leave before their successors start`(stage: Int) throws {
    var world = willing(capacity: 4)
    world.take(try world.machine.restartRequested(stage: stage, slot: 0, now: 0))
    #expect(world.leaving.count == 1 && world.starting.isEmpty)
    world.settle()
    #expect(world.fewest[UInt16(stage)] == 0 && world.count(ofStage: UInt16(stage)) == 1)
  }

  @Test func `what can be read only once is not replaced`() {
    var machine = SupervisorStateMachine(
      topology: Linear.topology,
      stages: ["read", "clean", "write"].map {
        .init(name: $0, restart: Linear.patient, canBeReplaced: $0 != "read")
      })
    _ = machine.runRequested(now: 0)
    for slot in Linear.slots { _ = machine.workerReady(slot.life(1), now: 0) }
    #expect(throws: Refusal.self) { try machine.restartRequested(stage: 0, slot: nil, now: 0) }
    #expect(machine.replacementDue(Linear.read.life(1), reason: "", now: 1).isEmpty)
  }

  @Test func `one that does not finish in time is stopped, and killed if it does not leave then`() throws {
    var machine = Linear.running(capacity: 3)
    _ = try machine.restartRequested(stage: 1, slot: 0, now: 0)
    _ = machine.workerReady(SlotID(stage: 1, index: 2).life(1), now: 1)
    #expect(machine.nextDeadline == 2_001)
    #expect(machine.deadlineReached(now: 2_001) == [.send(.stop, to: Linear.clean.life(1))])
    #expect(machine.deadlineReached(now: 2_501) == [.kill(Linear.clean.life(1))])
    let actions = machine.died(Linear.clean.life(1), now: 2_502)
    #expect(actions.deaths.isEmpty && actions.contains(.start(Linear.clean.life(2))))
  }

  @Test func `a death of its own while it retires is a death like any other`() throws {
    var machine = Linear.running(capacity: 3)
    _ = try machine.restartRequested(stage: 1, slot: 0, now: 0)
    _ = machine.workerReady(SlotID(stage: 1, index: 2).life(1), now: 1)
    let deaths = machine.died(Linear.clean.life(1), -11, now: 2).deaths
    #expect(deaths.map(\.consequence) == [.restart(delay: 50, count: 1, max: 3, window: 1_000)])
  }

  @Test func `the death of the one that stands in is waited out`() throws {
    var machine = Linear.running(capacity: 3)
    let spare = SlotID(stage: 1, index: 2)
    _ = try machine.restartRequested(stage: 1, slot: 0, now: 0)
    _ = machine.died(spare.life(1), now: 1)
    #expect(!machine.isSettled(stage: 1))
    #expect(machine.deadlineReached(now: 1_000) == [.start(spare.life(2))])
    #expect(machine.workerReady(spare.life(2), now: 1_001).contains(.send(.retire, to: Linear.clean.life(1))))
  }

  @Test func `a worker over its soft limit is replaced, over the hard one killed`() {
    var machine = Linear.running(capacity: 3)
    let soft = machine.memoryExceeded(Linear.clean.life(1), isHard: false, used: 900 << 20, now: 1)
    #expect(
      soft == [
        .note(Linear.clean, "is being replaced: it uses 900 MiB"),
        .start(SlotID(stage: 1, index: 2).life(1)),
      ])
    #expect(machine.memoryExceeded(Linear.clean.life(1), isHard: false, used: 900 << 20, now: 2).isEmpty)
    #expect(
      machine.memoryExceeded(Linear.twin.life(1), isHard: true, used: 2 << 30, now: 3)
        == [.kill(Linear.twin.life(1))])
    #expect(machine.died(Linear.twin.life(1), now: 4).deaths.map(\.detail) == ["over its memory limit"])
  }

  @Test func `a worker that hangs is told to dump its core before it is killed`() {
    var machine = Linear.running()
    #expect(machine.workOverdue(Linear.clean.life(1), now: 10) == [.abort(Linear.clean.life(1))])
    #expect(machine.workOverdue(Linear.clean.life(1), now: 11).isEmpty)
    #expect(machine.nextDeadline == 310)
    #expect(machine.deadlineReached(now: 310) == [.kill(Linear.clean.life(1))])
    #expect(machine.died(Linear.clean.life(1), now: 311).deaths.map(\.detail) == ["over its deadline"])
  }

  @Test func `one that dumps its core is known to have been over its deadline`() {
    var machine = Linear.running()
    _ = machine.workOverdue(Linear.clean.life(1), now: 10)
    #expect(machine.died(Linear.clean.life(1), -6, now: 20).deaths.map(\.detail) == ["over its deadline"])
  }
}
