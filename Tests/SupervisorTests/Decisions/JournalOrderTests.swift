import Coordination
import Delivery
import Supervisor
import Testing

/// What is journalled stands before what relies on it.
struct JournalOrderTests {
  @Test func `a source's end is durable before a sink is told to finish`() throws {
    var machine = Linear.running()
    let actions = machine.allReported(Linear.read.life(1), last: 4)
    #expect(actions.first == .record(.complete(Linear.read, last: 4, Tally())))
    #expect(actions.contains(.send(.flush, to: Linear.write.life(1))))
  }

  @Test func `a sink's end is durable before it is let go`() {
    var machine = Linear.running()
    _ = machine.allReported(Linear.read.life(1))
    let actions = machine.allReported(Linear.write.life(1))
    guard case .record(.finished(Linear.write, _))? = actions.first else {
      Issue.record("\(actions)")
      return
    }
    #expect(actions.last == .send(.stop, to: Linear.write.life(1)))
  }

  @Test func `the run has ended before anybody hears that it is complete`() {
    var machine = Linear.running()
    _ = machine.allReported(Linear.read.life(1))
    _ = machine.allReported(Linear.write.life(1))
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.exited(slot.life(1), WorkerEnd(status: 0)) }
    #expect(last == [.record(.ended), .finish(.complete)])
  }

  @Test func `a run that failed has not ended: it may be gone on with`() {
    var machine = Linear.running()
    var all = machine.fail("no")
    for slot in Linear.slots { all += machine.exited(slot.life(1), WorkerEnd(status: -9)) }
    #expect(all.records.isEmpty)
    #expect(all.last == .finish(.failed("no")))
  }

  @Test func `a run that was stopped with work left has not ended`() {
    var machine = Linear.running()
    _ = machine.stopRequested(signal: 15, now: 0)
    _ = machine.originPaused(Linear.read.life(1), last: 3)
    var all = machine.allReported(Linear.read.life(1), last: 3, isWhole: false)
    for slot in Linear.slots { all += machine.exited(slot.life(1), WorkerEnd(status: 0)) }
    #expect(all.records.isEmpty)
    #expect(all.last == .finish(.stopped))
  }
}
