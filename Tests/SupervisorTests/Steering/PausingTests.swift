import Coordination
import Delivery
import Supervisor
import Testing

/// Sources that are told to wait, and drains with a deadline.
struct PausingTests {
  @Test func `sources are told, and those that start later, too`() throws {
    var machine = Linear.running()
    #expect(try machine.pauseRequested() == [.send(.pause, to: Linear.read.life(1))])
    #expect(throws: Refusal.self) { try machine.pauseRequested() }
    _ = machine.died(Linear.read.life(1), now: 1)
    _ = machine.deadlineReached(now: 1_000)
    #expect(
      machine.workerReady(Linear.read.life(2), now: 1_001).contains(.send(.pause, to: Linear.read.life(2))))
    #expect(try machine.resumeRequested() == [.send(.resume, to: Linear.read.life(2))])
    #expect(throws: Refusal.self) { try machine.resumeRequested() }
  }

  @Test func `a stop ends a pause`() throws {
    var machine = Linear.running()
    _ = try machine.pauseRequested()
    #expect(machine.stopRequested(signal: 15, now: 1) == [.send(.drain, to: Linear.read.life(1))])
    #expect(!machine.isPaused)
  }

  @Test func `a drain with a deadline becomes an end at once`() {
    var machine = Linear.running()
    _ = machine.stopRequested(signal: 15, drainWithin: 100, now: 5)
    #expect(machine.nextDeadline == 105)
    #expect(machine.deadlineReached(now: 104).isEmpty)
    #expect(machine.deadlineReached(now: 105) == Linear.slots.map { .kill($0.life(1)) })
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), now: 106) }
    #expect(last == [.finish(.forced(signal: 15))])
  }

  @Test func `a drain does not wait for a backoff`() {
    var machine = Linear.running()
    _ = machine.died(Linear.clean.life(1), now: 1)
    _ = machine.stopRequested(signal: 15, now: 2)
    #expect(machine.nextDeadline == 2)
    #expect(machine.deadlineReached(now: 2) == [.start(Linear.clean.life(2))])
  }

  @Test func `readiness is told once all have been ready`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    for slot in Linear.slots {
      #expect(!machine.isReady)
      _ = machine.workerReady(slot.life(1), now: 0)
    }
    #expect(machine.isReady)
    _ = machine.died(Linear.clean.life(1), now: 1)
    #expect(machine.isReady)
  }
}
