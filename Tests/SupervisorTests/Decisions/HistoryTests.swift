import Coordination
import Delivery
import Supervisor
import Testing

/// Supervisors that go on with what an earlier one has journalled.
struct HistoryTests {
  private static let report = SinkReport(target: "out", records: 3, bytes: 9, isDurable: true)

  private func machine(
    complete: Bool = false, finished: Bool = false, condemned: [UInt32] = []
  ) -> SupervisorStateMachine {
    var history = RunHistory(run: 1, beganAt: 0)
    if complete { history.complete = [.init(slot: Linear.read, last: 7, tally: Tally())] }
    if finished { history.finished = [.init(slot: Linear.write, report: Self.report)] }
    history.condemned = condemned.map { Poison.condemnation(record: $0) }
    return Linear.machine(history: history)
  }

  @Test func `without anything done everything is started`() {
    var machine = machine()
    #expect(machine.runRequested(now: 0).count == 4)
    #expect(machine.endedOrigins.isEmpty)
  }

  @Test func `a source that is complete is not started again, and what it fed is over`() {
    var machine = machine(complete: true)
    #expect(machine.hasReported(Linear.read))
    #expect(machine.endedOrigins.map(\.last) == [7])
    #expect(machine.runRequested(now: 0) == [.start(Linear.write.life(1))])
    #expect(
      machine.workerReady(Linear.write.life(1), now: 1) == [
        .send(.originEnded(Linear.read, last: 7), to: Linear.write.life(1)),
        .send(.flush, to: Linear.write.life(1)),
      ])
    #expect(
      machine.allReported(Linear.write.life(1)) == [
        .record(.finished(Linear.write, .init(target: "out", records: 1, bytes: 2, isDurable: true))),
        .send(.stop, to: Linear.write.life(1)),
      ])
    #expect(
      machine.workerExited(Linear.write.life(1), WorkerEnd(status: 0), now: 2, random: 0) == [
        .record(.ended), .finish(.complete),
      ])
  }

  @Test func `a run of which all is done finishes at once`() {
    var machine = machine(complete: true, finished: true)
    #expect(machine.runRequested(now: 0) == [.record(.ended), .finish(.complete)])
    #expect(machine.isFinished && machine.nextDeadline == nil)
    #expect(machine.stopRequested(signal: 15, now: 1) == [])
  }

  @Test func `a sink that has finished is not started again although its source is`() {
    // Two sinks, of which one has reported; both sources are complete.
    let topology = Topology(
      stages: [(role: .source, slots: 1), (role: .sink, slots: 1), (role: .sink, slots: 2)],
      edges: [(0, 1), (0, 2)])
    var history = RunHistory(run: 1, beganAt: 0)
    history.complete = [.init(slot: SlotID(stage: 0, index: 0), last: 1, tally: Tally())]
    history.finished = [
      .init(slot: SlotID(stage: 1, index: 0), report: Self.report),
      .init(slot: SlotID(stage: 2, index: 1), report: Self.report),
    ]
    var machine = SupervisorStateMachine(
      topology: topology, stages: "abc".map { .init(name: "\($0)", restart: Linear.patient) },
      history: history)
    #expect(machine.runRequested(now: 0) == [.start(SlotID(stage: 2, index: 0).life(1))])
  }

  @Test func `condemned records are known to the workers before the first of them starts`() {
    var machine = machine(condemned: [4, 2])
    let actions = machine.runRequested(now: 0)
    #expect(actions.first == .warn(stage: 1))
    #expect(actions.count == 5)
    let entries = machine.suspects.entries(ofStage: 1)
    #expect(entries.map(\.condemned) == [[2, 4]])
    #expect(machine.suspects.entries(ofStage: 0).isEmpty)
  }

  @Test func `a record that was condemned before is not journalled again`() {
    var machine = machine(condemned: [2])
    _ = machine.runRequested(now: 0)
    for slot in Linear.slots { _ = machine.workerReady(slot.life(1), now: 0) }
    for epoch in UInt32(1)...3 {
      let actions = machine.lives(through: Poison.death(record: 2), epoch: epoch)
      #expect(actions.deaths.count == 1 && actions.records.isEmpty)
    }
  }

  @Test func `a restored drain is none: the next supervisor reads on`() {
    var machine = machine()
    _ = machine.runRequested(now: 0)
    #expect(!machine.isDraining)
    #expect(machine.workerReady(Linear.read.life(1), now: 1) == [])
  }
}
