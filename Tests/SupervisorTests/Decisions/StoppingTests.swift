import Coordination
import Delivery
import Supervisor
import Testing

struct StoppingTests {
  @Test func `a first request drains the sources that run`() {
    var machine = Linear.running()
    #expect(!machine.isDraining)
    #expect(machine.stopRequested(signal: 2, now: 0) == [.send(.drain, to: Linear.read.life(1))])
    #expect(machine.isDraining)
    #expect(
      machine.originPaused(Linear.read.life(1), last: 4) == [.send(.drainUpTo(4), to: Linear.read.life(1))])
    #expect(
      machine.allReported(Linear.read.life(1), last: 4, isWhole: false)
        == Linear.slots.map { .send(.stop, to: $0.life(1)) })
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), 0, now: 9) }
    #expect(last == [.finish(.stopped)])
  }

  @Test func `a source that had read everything when it was drained is complete`() {
    var machine = Linear.running()
    _ = machine.stopRequested(signal: 2, now: 0)
    _ = machine.reported(Linear.read.life(1), isWhole: true)
    _ = machine.reported(Linear.write.life(1))
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), 0, now: 9) }
    #expect(last == [.finish(.complete)])
  }

  @Test func `a source that is starting hears of the request when it is ready`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    #expect(machine.stopRequested(signal: 15, now: 1) == [])
    #expect(machine.workerReady(Linear.read.life(1), now: 2) == [.send(.drain, to: Linear.read.life(1))])
    #expect(
      !machine.workerReady(Linear.clean.life(1), now: 2).contains(.send(.drain, to: Linear.clean.life(1))))
  }

  @Test func `a source that waits for its restart still comes back to drain`() {
    var machine = Linear.running()
    _ = machine.died(Linear.read.life(1), now: 0)
    #expect(machine.stopRequested(signal: 15, now: 1) == [])
    #expect(machine.deadlineReached(now: 400) == [.start(Linear.read.life(2))])
    #expect(
      machine.workerReady(Linear.read.life(2), now: 401).contains(.send(.drain, to: Linear.read.life(2))))
  }

  @Test func `a source that has reported hears of no request`() {
    var machine = Linear.running()
    _ = machine.reported(Linear.read.life(1))
    #expect(machine.stopRequested(signal: 2, now: 1) == [])
  }

  @Test func `workers are replaced while the run drains`() {
    var machine = Linear.running()
    _ = machine.stopRequested(signal: 2, now: 0)
    _ = machine.died(Linear.clean.life(1), now: 5)
    #expect(machine.deadlineReached(now: 400) == [.start(Linear.clean.life(2))])
  }

  @Test func `a second request ends everything at once, by its signal`() {
    var machine = Linear.running()
    _ = machine.died(Linear.clean.life(1), now: 0)
    _ = machine.stopRequested(signal: 2, now: 1)
    let living = [Linear.read, Linear.twin, Linear.write]
    #expect(machine.stopRequested(signal: 15, now: 2) == living.map { .kill($0.life(1)) })
    #expect(machine.nextDeadline == nil)
    #expect(machine.deadlineReached(now: 400) == [])
    var last: [SupervisorAction] = []
    for slot in living {
      #expect(last == [])
      last = machine.died(slot.life(1), now: 3)
    }
    #expect(last == [.finish(.forced(signal: 15))])
    #expect(machine.stopRequested(signal: 15, now: 4) == [])
  }

  @Test func `a request while a failure is on its way forces`() {
    var machine = Linear.running()
    _ = machine.fail("disk full")
    #expect(machine.stopRequested(signal: 2, now: 2) == Linear.slots.map { .kill($0.life(1)) })
    #expect(machine.stopRequested(signal: 2, now: 2) == [])
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), now: 3) }
    #expect(last == [.finish(.forced(signal: 2))])
  }

  @Test func `the first failure ends everything, once`() {
    var machine = Linear.running()
    #expect(
      machine.workerFailed(Linear.clean.life(1), text: "in.csv:3: error: no")
        == Linear.slots.map { .kill($0.life(1)) })
    #expect(machine.workerFailed(Linear.twin.life(1), text: "another") == [])
    #expect(machine.fail("a third") == [])
    #expect(machine.reported(Linear.read.life(1)) == [])
    #expect(machine.originEnded(Linear.read.life(1), last: 4) == [])
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), 1, now: 3) }
    #expect(last == [.finish(.failed("in.csv:3: error: no"))])
    #expect(machine.fail("late") == [])
  }

  @Test func `a failure with nobody alive finishes at once`() {
    var machine = Linear.running()
    for slot in Linear.slots { _ = machine.died(slot.life(1), now: 3) }
    #expect(machine.fail("all dead") == [.finish(.failed("all dead"))])
    #expect(machine.deadlineReached(now: 1_000) == [])
  }

  @Test func `nobody becomes ready in a run that ends`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    _ = machine.fail("no")
    #expect(machine.workerReady(Linear.read.life(1), now: 2) == [])
  }
}
