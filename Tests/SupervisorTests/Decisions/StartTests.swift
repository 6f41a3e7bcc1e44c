import Coordination
import Delivery
import Supervisor
import Testing

struct StartTests {
  @Test func `all workers are started, those that others wait for first`() {
    var machine = Linear.machine()
    #expect(machine.nextDeadline == nil)
    let actions = machine.runRequested(now: 7)
    #expect(actions == [Linear.write, Linear.twin, Linear.clean, Linear.read].map { .start($0.life(1)) })
    #expect(machine.nextDeadline == 7 + 10_000)
  }

  @Test func `a worker gets its snapshot before its neighbours hear of it`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    #expect(machine.workerReady(Linear.read.life(1), now: 1) == [])
    #expect(machine.workerReady(Linear.write.life(1), now: 1) == [])
    let actions = machine.workerReady(Linear.clean.life(1), now: 2)
    #expect(
      actions == [
        .send(.peerUp(Linear.read.life(1)), to: Linear.clean.life(1)),
        .send(.peerUp(Linear.write.life(1)), to: Linear.clean.life(1)),
        .send(.peerUp(Linear.clean.life(1)), to: Linear.read.life(1)),
        .send(.peerUp(Linear.clean.life(1)), to: Linear.write.life(1)),
      ])
  }

  @Test func `the snapshot of a new sink has the ends of all origins`() {
    var machine = Linear.running()
    let announced = machine.originEnded(Linear.read.life(1), last: 12)
    #expect(announced == [.send(.originEnded(Linear.read, last: 12), to: Linear.write.life(1))])
    _ = machine.died(Linear.write.life(1), now: 10)
    _ = machine.deadlineReached(now: 1_000)
    let actions = machine.workerReady(Linear.write.life(2), now: 1_000)
    #expect(actions.first == .send(.originEnded(Linear.read, last: 12), to: Linear.write.life(2)))
    #expect(actions.count == 1 + 2 + 2)
  }

  @Test func `a new source learns the end that an earlier one announced`() {
    var machine = Linear.running()
    _ = machine.originEnded(Linear.read.life(1), last: 12)
    _ = machine.died(Linear.read.life(1), now: 10)
    _ = machine.deadlineReached(now: 1_000)
    let actions = machine.workerReady(Linear.read.life(2), now: 1_000)
    #expect(actions.first == .send(.originEnded(Linear.read, last: 12), to: Linear.read.life(2)))
  }

  @Test func `a repeated ready says nothing`() {
    var machine = Linear.running()
    #expect(machine.workerReady(Linear.clean.life(1), now: 3) == [])
  }

  @Test func `a worker that does not become ready in time is killed and judged`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    for slot in [Linear.read, Linear.twin, Linear.write] { _ = machine.workerReady(slot.life(1), now: 1) }
    #expect(machine.deadlineReached(now: 9_999) == [])
    #expect(machine.deadlineReached(now: 10_000) == [.kill(Linear.clean.life(1))])
    #expect(machine.nextDeadline == nil)
    // It says so too late: its death is on the way.
    #expect(machine.workerReady(Linear.clean.life(1), now: 10_001) == [])
    let actions = machine.died(Linear.clean.life(1), now: 10_002)
    #expect(actions.deaths.first?.uptime == 10_002)
    guard case .restart = actions.deaths.first?.consequence else {
      Issue.record("\(actions)")
      return
    }
  }

  @Test func `the pages show what each slot does`() {
    var machine = Linear.machine()
    #expect(machine.status(at: 1).state == .waiting)
    _ = machine.runRequested(now: 0)
    #expect(machine.status(at: 1).state == .starting)
    _ = machine.workerReady(Linear.clean.life(1), now: 0)
    #expect(machine.status(at: 1).state == .running)
    _ = machine.died(Linear.clean.life(1), now: 5)
    #expect(machine.status(at: 1).state == .backoff)
    _ = machine.deadlineReached(now: 100)
    #expect(machine.status(at: 1) == (.starting, 1))
    #expect(machine.restartCounts == [0, 1, 0, 0])
    _ = machine.fail("enough")
    #expect(machine.status(at: 1).state == .over)
  }
}
