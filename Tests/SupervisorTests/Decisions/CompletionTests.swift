import Coordination
import Delivery
import Supervisor
import Testing

struct CompletionTests {
  @Test func `the end runs from the sources down`() {
    var machine = Linear.running()
    #expect(
      machine.reported(Linear.read.life(1), now: 100) == [
        .send(.stop, to: Linear.read.life(1)),
        .send(.stop, to: Linear.clean.life(1)), .send(.stop, to: Linear.twin.life(1)),
        .send(.flush, to: Linear.write.life(1)),
      ])
    #expect(machine.nextDeadline == 600)
    #expect(
      machine.died(Linear.read.life(1), 0, now: 110).withoutReports
        == [Linear.clean, Linear.twin].map { .send(.peerDown(Linear.read.life(1)), to: $0.life(1)) })
    _ = machine.died(Linear.clean.life(1), 0, now: 110)
    #expect(machine.reported(Linear.write.life(1), now: 120) == [.send(.stop, to: Linear.write.life(1))])
    #expect(!machine.isFinished)
    _ = machine.died(Linear.twin.life(1), 0, now: 130)
    #expect(machine.died(Linear.write.life(1), 0, now: 130) == [.finish(.complete)])
    #expect(machine.isFinished && machine.nextDeadline == nil)
  }

  @Test func `a stage with two stages above waits for both`() {
    // a, b -> c -> d; a -> d
    let topology = Topology(
      stages: [
        (role: .sink, slots: 1), (role: .source, slots: 1), (role: .step, slots: 1),
        (role: .source, slots: 1),
      ],
      edges: [(1, 2), (3, 2), (2, 0), (3, 0)])
    var machine = SupervisorStateMachine(
      topology: topology, stages: "dbca".map { .init(name: "\($0)", restart: Linear.patient) },
      limits: Linear.limits)
    _ = machine.runRequested(now: 0)
    for stage in 0..<4 { _ = machine.workerReady(SlotID(stage: UInt16(stage), index: 0).life(1), now: 0) }
    let sources = [SlotID(stage: 1, index: 0).life(1), SlotID(stage: 3, index: 0).life(1)]
    #expect(machine.reported(sources[1]) == [.send(.stop, to: sources[1])])
    #expect(
      machine.reported(sources[0]) == [
        .send(.stop, to: sources[0]), .send(.stop, to: SlotID(stage: 2, index: 0).life(1)),
        .send(.flush, to: SlotID(stage: 0, index: 0).life(1)),
      ])
  }

  @Test(arguments: [Int32(0), 7, -9])
  func `a death after the report is replaced by nobody`(_ status: Int32) {
    var machine = Linear.running()
    _ = machine.reported(Linear.read.life(1))
    let actions = machine.died(Linear.read.life(1), status, now: 5)
    #expect(actions.deaths.isEmpty)
    #expect(!actions.contains(.start(Linear.read.life(2))))
    #expect(machine.restartCounts == [0, 0, 0, 0])
  }

  @Test func `a sink that dies before its report is replaced and told to flush again`() {
    var machine = Linear.running()
    _ = machine.reported(Linear.read.life(1))
    _ = machine.died(Linear.write.life(1), now: 5)
    _ = machine.deadlineReached(now: 200)
    let actions = machine.workerReady(Linear.write.life(2), now: 210)
    #expect(actions.filter { $0 == .send(.flush, to: Linear.write.life(2)) }.count == 1)
    #expect(machine.reported(Linear.write.life(2)) == [.send(.stop, to: Linear.write.life(2))])
  }

  @Test func `a step that waits for its restart is not started once its stage is over`() {
    var machine = Linear.running()
    _ = machine.died(Linear.clean.life(1), now: 0)
    _ = machine.reported(Linear.read.life(1), now: 1)
    #expect(machine.deadlineReached(now: 400).allSatisfy { $0 != .start(Linear.clean.life(2)) })
  }

  @Test func `a step that is starting is killed once its stage is over`() {
    var machine = Linear.running()
    _ = machine.died(Linear.clean.life(1), now: 0)
    _ = machine.deadlineReached(now: 400)
    #expect(machine.reported(Linear.read.life(1), now: 401).contains(.kill(Linear.clean.life(2))))
    #expect(machine.died(Linear.clean.life(2), now: 402).deaths.isEmpty)
    #expect(machine.nextDeadline == 401 + 500)
  }

  @Test func `a report that comes after its worker's death still counts`() {
    var machine = Linear.running()
    _ = machine.died(Linear.read.life(1), now: 0)
    #expect(machine.hasReported(Linear.read) == false)
    let waiting = machine.reported(Linear.read.life(1), now: 1)
    #expect(waiting.last == .send(.flush, to: Linear.write.life(1)))
    #expect(machine.deadlineReached(now: 400) == [])
    #expect(machine.hasReported(Linear.read))
  }

  @Test func `a late report ends the replacement, whatever it does`() {
    var starting = Linear.running()
    _ = starting.died(Linear.read.life(1), now: 0)
    _ = starting.deadlineReached(now: 400)
    var running = starting
    #expect(starting.reported(Linear.read.life(1), now: 401).first == .kill(Linear.read.life(2)))
    _ = running.workerReady(Linear.read.life(2), now: 400)
    #expect(running.reported(Linear.read.life(1), now: 401).first == .send(.stop, to: Linear.read.life(2)))
  }

  @Test func `a report counts once`() {
    var machine = Linear.running()
    _ = machine.reported(Linear.read.life(1))
    #expect(machine.reported(Linear.read.life(1), isWhole: false) == [])
    _ = machine.reported(Linear.write.life(1))
    #expect(machine.reported(Linear.write.life(1)) == [])
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), 0, now: 9) }
    #expect(last == [.finish(.complete)])
    #expect(machine.reported(Linear.write.life(1)) == [])
  }

  @Test func `who does not leave when told to is killed`() {
    var machine = Linear.running()
    _ = machine.reported(Linear.read.life(1), now: 100)
    #expect(machine.deadlineReached(now: 599) == [])
    #expect(
      machine.deadlineReached(now: 600)
        == [Linear.read, Linear.clean, Linear.twin].map { .kill($0.life(1)) })
    #expect(machine.nextDeadline == nil)
    #expect(machine.died(Linear.read.life(1), now: 601).deaths.isEmpty)
  }

  @Test func `an end that is told twice is one`() {
    var machine = Linear.running()
    _ = machine.originEnded(Linear.read.life(1), last: 3)
    #expect(machine.originEnded(Linear.read.life(1), last: 3) == [])
    #expect(machine.endedOrigins.count == 1)
  }

  @Test func `another end than before is a failure`() {
    var machine = Linear.running()
    _ = machine.originEnded(Linear.read.life(1), last: 3)
    #expect(machine.originEnded(Linear.read.life(2), last: 4) == Linear.slots.map { .kill($0.life(1)) })
    var last: [SupervisorAction] = []
    for slot in Linear.slots { last = machine.died(slot.life(1), now: 9) }
    #expect(
      last == [
        .finish(
          .failed("read.0 ended at batch 4 after a restart, at 3 before it: its input has changed"))
      ])
  }
}
