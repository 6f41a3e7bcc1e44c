import Coordination
import Delivery
import Supervisor
import Testing

/// Several sources that stop at one sequence, so that a sink that merges them can write all that was cut.
struct DrainingTests {
  private static let a = SlotID(stage: 0, index: 0)
  private static let b = SlotID(stage: 1, index: 0)
  private static let write = SlotID(stage: 2, index: 0)

  private func running(endless: Set<Int> = []) -> SupervisorStateMachine {
    let topology = Topology(
      stages: [(role: .source, slots: 1), (role: .source, slots: 1), (role: .sink, slots: 1)],
      edges: [(0, 2), (1, 2)])
    var machine = SupervisorStateMachine(
      topology: topology,
      stages: (0..<3).map {
        .init(name: "abw".map(String.init)[$0], restart: Linear.patient, isEndless: endless.contains($0))
      }, limits: Linear.limits)
    _ = machine.runRequested(now: 0)
    for slot in [Self.a, Self.b, Self.write] { _ = machine.workerReady(slot.life(1), now: 0) }
    return machine
  }

  private func draining(endless: Set<Int> = []) -> SupervisorStateMachine {
    var machine = running(endless: endless)
    let orders = machine.stopRequested(signal: 15, now: 0)
    #expect(orders == [.send(.drain, to: Self.a.life(1)), .send(.drain, to: Self.b.life(1))])
    return machine
  }

  /// Everybody leaves; returns the last thing that is done.
  private func leave(_ machine: inout SupervisorStateMachine, epochs: [UInt32] = [1, 1, 1])
    -> [SupervisorAction]
  {
    var last: [SupervisorAction] = []
    for (slot, epoch) in zip([Self.a, Self.b, Self.write], epochs) {
      last = machine.exited(slot.life(epoch), WorkerEnd(status: 0), now: 9)
    }
    return last
  }

  @Test func `all go as far as the furthest has come`() {
    var machine = draining()
    #expect(machine.originPaused(Self.a.life(1), last: 4) == [])
    #expect(
      machine.originPaused(Self.b.life(1), last: 7) == [
        .send(.drainUpTo(7), to: Self.a.life(1)), .send(.drainUpTo(7), to: Self.b.life(1)),
      ])
    #expect(machine.originPaused(Self.a.life(1), last: 4) == [])
    #expect(
      machine.allReported(Self.b.life(1), last: 7, isWhole: false) == [
        .send(.stop, to: Self.b.life(1))
      ])
    #expect(
      machine.allReported(Self.a.life(1), last: 7, isWhole: false) == [
        .send(.stop, to: Self.a.life(1)), .send(.stop, to: Self.write.life(1)),
      ])
    #expect(leave(&machine) == [.finish(.stopped)])
  }

  @Test func `nothing is journalled of a source that has more to read`() {
    var machine = draining()
    _ = machine.originPaused(Self.a.life(1), last: 1)
    _ = machine.originPaused(Self.b.life(1), last: 1)
    #expect(machine.allReported(Self.a.life(1), last: 1, isWhole: false).records.isEmpty)
  }

  @Test func `a source that died says anew where it stands`() {
    var machine = draining()
    _ = machine.originPaused(Self.a.life(1), last: 9)
    _ = machine.exited(Self.a.life(1), WorkerEnd(status: -9), now: 1)
    _ = machine.deadlineReached(now: 400)
    #expect(machine.workerReady(Self.a.life(2), now: 400).contains(.send(.drain, to: Self.a.life(2))))
    #expect(machine.originPaused(Self.a.life(1), last: 9) == [], "an earlier life's word")
    #expect(machine.originPaused(Self.a.life(2), last: 3) == [])
    #expect(
      machine.originPaused(Self.b.life(1), last: 5) == [
        .send(.drainUpTo(5), to: Self.a.life(2)), .send(.drainUpTo(5), to: Self.b.life(1)),
      ])
  }

  @Test func `a source that was down when the others were told hears when it is back`() {
    var machine = draining()
    _ = machine.originPaused(Self.a.life(1), last: 9)
    _ = machine.exited(Self.a.life(1), WorkerEnd(status: -9), now: 1)
    #expect(machine.originPaused(Self.b.life(1), last: 5) == [.send(.drainUpTo(9), to: Self.b.life(1))])
    _ = machine.deadlineReached(now: 400)
    let snapshot = machine.workerReady(Self.a.life(2), now: 400)
    #expect(snapshot.contains(.send(.drainUpTo(9), to: Self.a.life(2))))
    #expect(!snapshot.contains(.send(.drain, to: Self.a.life(2))))
  }

  /// Its report and the order to drain may cross: the others must not wait for its answer.
  @Test func `a source that comes to its end instead of pausing holds nobody up`() {
    var machine = draining()
    #expect(machine.originPaused(Self.b.life(1), last: 5) == [])
    let actions = machine.allReported(Self.a.life(1), last: 3, isWhole: true)
    #expect(actions.records == [.complete(Self.a, last: 3, Tally())])
    #expect(actions.contains(.send(.drainUpTo(5), to: Self.b.life(1))))
    _ = machine.allReported(Self.b.life(1), last: 5, isWhole: false)
    #expect(leave(&machine) == [.finish(.stopped)])
  }

  @Test func `a source that gives no more than it has ends the run where the others went beyond`() {
    var machine = draining()
    _ = machine.originPaused(Self.a.life(1), last: 9)
    _ = machine.originPaused(Self.b.life(1), last: 5)
    let actions = machine.allReported(Self.b.life(1), last: 5, isWhole: false)
    #expect(actions == [Self.a, Self.b, Self.write].map { .kill($0.life(1)) })
    #expect(leave(&machine) == [.finish(.stopped)])
  }

  @Test func `a source whose input ends before the others stop is complete`() {
    var machine = draining()
    _ = machine.originPaused(Self.a.life(1), last: 9)
    _ = machine.originPaused(Self.b.life(1), last: 5)
    #expect(machine.allReported(Self.b.life(1), last: 6, isWhole: true).records.count == 1)
    _ = machine.allReported(Self.a.life(1), last: 9, isWhole: false)
    #expect(leave(&machine) == [.finish(.stopped)])
  }

  @Test func `sources without an end that have drained leave nothing undone`() {
    var machine = draining(endless: [0, 1])
    _ = machine.originPaused(Self.a.life(1), last: 9)
    _ = machine.originPaused(Self.b.life(1), last: 5)
    _ = machine.allReported(Self.b.life(1), last: 5, isWhole: false)
    _ = machine.allReported(Self.a.life(1), last: 9, isWhole: false)
    #expect(leave(&machine) == [.finish(.drained)])
  }

  @Test func `one source that could have been read on is work left`() {
    var machine = draining(endless: [0])
    _ = machine.originPaused(Self.a.life(1), last: 9)
    _ = machine.originPaused(Self.b.life(1), last: 5)
    _ = machine.allReported(Self.a.life(1), last: 9, isWhole: false)
    _ = machine.allReported(Self.b.life(1), last: 9, isWhole: false)
    #expect(leave(&machine) == [.finish(.stopped)])
  }

  @Test func `a complete source beside one without end leaves a drained run`() {
    var machine = running(endless: [0])
    _ = machine.allReported(Self.b.life(1), last: 2, isWhole: true)
    #expect(machine.stopRequested(signal: 15, now: 1) == [.send(.drain, to: Self.a.life(1))])
    #expect(machine.originPaused(Self.a.life(1), last: 9) == [.send(.drainUpTo(9), to: Self.a.life(1))])
    _ = machine.allReported(Self.a.life(1), last: 9, isWhole: false)
    #expect(leave(&machine) == [.finish(.drained)])
  }
}
