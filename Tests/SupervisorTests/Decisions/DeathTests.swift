import Coordination
import Delivery
import Supervisor
import Testing

struct DeathTests {
  @Test func `the neighbours of a dead worker hear of it before anything else`() {
    var machine = Linear.running()
    let actions = machine.died(Linear.clean.life(1), now: 50)
    let down: [SupervisorAction] = [Linear.read, Linear.write].map {
      .send(.peerDown(Linear.clean.life(1)), to: $0.life(1))
    }
    #expect(Array(actions.prefix(2)) == down)
    #expect(actions.count == 3 && actions.deaths.count == 1)
  }

  @Test func `a worker that never was ready is told to nobody new`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    _ = machine.workerReady(Linear.read.life(1), now: 1)
    let actions = machine.died(Linear.clean.life(1), now: 2)
    #expect(actions.deaths.first?.wasReady == false)
  }

  struct Verdict: Sendable, CustomTestStringConvertible {
    var kind: RestartPolicy.Kind
    var status: Int32?
    var restarts: Bool
    var testDescription: String { "\(kind), \(status.map(String.init) ?? "not started")" }
  }

  @Test(arguments: [
    Verdict(kind: .always, status: 0, restarts: true),
    Verdict(kind: .always, status: 7, restarts: true),
    Verdict(kind: .always, status: -9, restarts: true),
    Verdict(kind: .always, status: nil, restarts: true),
    Verdict(kind: .onFailure, status: 0, restarts: false),
    Verdict(kind: .onFailure, status: 7, restarts: true),
    Verdict(kind: .onFailure, status: -9, restarts: true),
    Verdict(kind: .onFailure, status: nil, restarts: true),
    Verdict(kind: .never, status: 0, restarts: false),
    Verdict(kind: .never, status: 7, restarts: false),
    Verdict(kind: .never, status: -9, restarts: false),
    Verdict(kind: .never, status: nil, restarts: false),
  ])
  func `the policy decides who is replaced`(_ verdict: Verdict) {
    var policy = Linear.patient
    policy.kind = verdict.kind
    var machine = Linear.running(policy)
    let actions = machine.died(Linear.clean.life(1), verdict.status, now: 50)
    #expect(actions.deaths.first?.status == verdict.status)
    if verdict.restarts {
      #expect(
        actions.deaths.first?.consequence == .restart(delay: 50, count: 1, max: 3, window: 1_000))
      #expect(machine.nextDeadline == 100)
      #expect(machine.deadlineReached(now: 99) == [])
      #expect(machine.deadlineReached(now: 100) == [.start(Linear.clean.life(2))])
      #expect(machine.deadlineReached(now: 100) == [])
    } else {
      #expect(actions.deaths.first?.consequence == .notReplaced)
      let kills: [SupervisorAction] = [Linear.read, Linear.twin, Linear.write].map { .kill($0.life(1)) }
      #expect(Array(actions.suffix(3)) == kills)
      var last: [SupervisorAction] = []
      for slot in [Linear.read, Linear.twin, Linear.write] { last = machine.died(slot.life(1), now: 60) }
      #expect(
        last == [.finish(.failed("clean.0 died and its restart policy does not replace it"))])
    }
  }

  @Test func `more deaths than the policy allows end the run`() {
    var machine = Linear.running()
    var now: UInt64 = 0
    for epoch in 1...3 {
      _ = machine.died(Linear.write.life(UInt32(epoch)), now: now)
      now = machine.nextDeadline!
      #expect(machine.deadlineReached(now: now) == [.start(Linear.write.life(UInt32(epoch) + 1))])
    }
    let actions = machine.died(Linear.write.life(4), now: now)
    #expect(actions.deaths.first?.consequence == .tooMany(max: 3, window: 1_000))
    #expect(actions.contains(.kill(Linear.read.life(1))))
    for slot in [Linear.read, Linear.clean] { #expect(machine.died(slot.life(1), now: now) == []) }
    #expect(
      machine.died(Linear.twin.life(1), now: now) == [
        .finish(.failed("write.0 died more often than its restart policy allows"))
      ])
  }

  @Test func `each slot has an intensity of its own`() {
    var machine = Linear.running()
    for slot in Linear.slots {
      #expect(machine.died(slot.life(1), now: 10).deaths.first?.consequence.count == 1)
    }
  }

  @Test func `what is told of an earlier epoch changes nothing`() {
    var machine = Linear.running()
    _ = machine.died(Linear.clean.life(1), now: 10)
    #expect(machine.died(Linear.clean.life(1), now: 11) == [])
    _ = machine.deadlineReached(now: 1_000)
    #expect(machine.workerReady(Linear.clean.life(1), now: 1_001) == [])
    #expect(machine.died(Linear.clean.life(1), now: 1_001) == [])
    #expect(machine.workerReady(Linear.clean.life(2), now: 1_002).count == 4)
    #expect(machine.died(Linear.clean.life(3), now: 1_003) == [])
  }
}

extension Death.Consequence {
  var count: Int? {
    if case .restart(_, let count, _, _) = self { return count }
    return nil
  }
}
