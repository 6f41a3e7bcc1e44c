import Coordination
import Delivery
import Supervisor
import Testing

/// Who answers for a death, and what follows for the batch in hand.
struct BlameTests {
  @Test func `whoever was killed on purpose comes back at once, and it does not count`() {
    var machine = Linear.running()
    var end = Poison.death()
    end.isExcused = true
    for epoch in UInt32(1)...20 {
      let actions = machine.exited(Linear.clean.life(epoch), end, now: 7)
      #expect(actions.deaths.map(\.consequence) == [.excused])
      #expect(machine.nextDeadline == 7)
      #expect(machine.deadlineReached(now: 7) == [.start(Linear.clean.life(epoch + 1))])
      _ = machine.workerReady(Linear.clean.life(epoch + 1), now: 7)
    }
    #expect(machine.suspects.isKnown(Poison.batch, stage: 1) == false)
  }

  @Test func `even a worker that no policy replaces is, when it was killed on purpose`() {
    var policy = Linear.patient
    policy.kind = .never
    var machine = Linear.running(policy)
    let actions = machine.exited(
      Linear.clean.life(1), WorkerEnd(status: -9, isExcused: true), now: 7)
    #expect(actions.deaths.map(\.consequence) == [.excused])
    #expect(machine.deadlineReached(now: 7) == [.start(Linear.clean.life(2))])
  }

  @Test func `the first death over a batch counts, the next ones isolate it`() {
    var machine = Linear.running()
    let first = machine.lives(through: Poison.death(), epoch: 1)
    #expect(first.deaths.first?.consequence.count == 1)
    #expect(!first.contains(.warn(stage: 1)))
    let second = machine.lives(through: Poison.death(), epoch: 2)
    #expect(second.deaths.map(\.consequence) == [.isolating(delay: 100)])
    #expect(!second.contains(.warn(stage: 1)))
    let third = machine.exited(Linear.clean.life(3), Poison.death())
    #expect(third.deaths.map(\.consequence) == [.isolating(delay: 100)])
    #expect(third.first == .warn(stage: 1), "its workers must know before the batch goes elsewhere")
  }

  @Test func `a condemnation is journalled, then the workers are warned, then the neighbours hear`() throws {
    var machine = Linear.running()
    for epoch in UInt32(1)...3 { _ = machine.lives(through: Poison.death(), epoch: epoch) }
    let fourth = machine.lives(through: Poison.death(record: 2), epoch: 4)
    #expect(fourth.records.isEmpty)
    let fifth = machine.exited(Linear.clean.life(5), Poison.death(record: 2))
    #expect(fifth.records == [.condemned(Poison.condemnation(record: 2))])
    #expect(fifth[0] == .record(.condemned(Poison.condemnation(record: 2))))
    #expect(fifth[1] == .warn(stage: 1))
    #expect(fifth[2] == .send(.peerDown(Linear.clean.life(5)), to: Linear.read.life(1)))
    #expect(fifth.deaths.map(\.consequence) == [.isolating(delay: 100)])
    #expect(machine.suspects.entries(ofStage: 1).map(\.condemned) == [[2]])
  }

  @Test func `a batch that kills while no record is in hand is nobody's fault for ever`() {
    var machine = Linear.running()
    var ends: [Death.Consequence] = []
    for epoch in UInt32(1)...30 where !machine.isFinished {
      let actions = machine.lives(through: Poison.death(), epoch: epoch)
      ends += actions.deaths.map(\.consequence)
      if case .tooMany? = ends.last { break }
    }
    #expect(ends.last == .tooMany(max: 3, window: 1_000))
  }

  @Test func `each batch is blamed by itself`() {
    var machine = Linear.running()
    #expect(machine.lives(through: Poison.death(sequence: 1), epoch: 1).deaths.first?.consequence.count == 1)
    #expect(machine.lives(through: Poison.death(sequence: 2), epoch: 2).deaths.first?.consequence.count == 2)
    #expect(
      machine.lives(through: Poison.death(sequence: 1), epoch: 3).deaths.first?.consequence
        == .isolating(delay: 100))
  }

  @Test(arguments: [nil, 0] as [Int32?])
  func `a worker that left by itself, or never began, blames no batch`(status: Int32?) {
    var machine = Linear.running()
    _ = machine.exited(Linear.clean.life(1), Poison.death(status: status))
    #expect(machine.suspects.isKnown(Poison.batch, stage: 1) == false)
  }

  @Test func `where poison ends the run, it names the place and journals nothing`() {
    var machine = Linear.running(failsOnPoison: true)
    for epoch in UInt32(1)...4 {
      _ = machine.lives(through: Poison.death(record: epoch == 4 ? 2 : nil), epoch: epoch)
    }
    let actions = machine.exited(Linear.clean.life(5), Poison.death(record: 2))
    #expect(actions.records.isEmpty)
    #expect(actions.contains(.kill(Linear.read.life(1))))
    var last: [SupervisorAction] = []
    for slot in [Linear.read, Linear.twin, Linear.write] { last = machine.died(slot.life(1), now: 1) }
    #expect(
      last == [
        .finish(
          .failed(
            "in.csv:12: error: this record ends its worker (SIGSEGV); mend the step, or set "
              + "'on_error: dead-letter' for stage clean"))
      ])
  }

  @Test func `work that takes too long is ended and blamed`() {
    var machine = Linear.running()
    for epoch in UInt32(1)...3 {
      #expect(machine.workOverdue(Linear.clean.life(epoch), now: 0) == [.abort(Linear.clean.life(epoch))])
      #expect(machine.workOverdue(Linear.clean.life(epoch), now: 0) == [], "it is told once")
      _ = machine.lives(through: Poison.death(status: -9), epoch: epoch)
    }
    var records: [JournalEntry] = []
    for epoch in UInt32(4)...5 {
      _ = machine.workOverdue(Linear.clean.life(epoch), now: 0)
      records += machine.lives(through: Poison.death(record: 1, status: -9), epoch: epoch).records
    }
    var known = Poison.condemnation(record: 1)
    known.cause = "deadline"
    #expect(records == [.condemned(known)])
    #expect(machine.suspects.entries(ofStage: 1).map(\.condemned) == [[1]])
  }

  @Test func `who is not at work is not overdue`() {
    var machine = Linear.machine()
    _ = machine.runRequested(now: 0)
    #expect(machine.workOverdue(Linear.clean.life(1), now: 0) == [])
    _ = machine.workerReady(Linear.clean.life(1), now: 0)
    #expect(machine.workOverdue(Linear.clean.life(2), now: 0) == [])
    _ = machine.fail("no")
    #expect(machine.workOverdue(Linear.clean.life(1), now: 0) == [])
  }

  @Test func `whom the supervisor killed itself blames nobody`() {
    var machine = Linear.running()
    _ = machine.exited(Linear.twin.life(1), WorkerEnd(status: -9))
    _ = machine.deadlineReached(now: 400)
    // The replacement never becomes ready, and is killed for that.
    #expect(machine.deadlineReached(now: 400 + 10_000) == [.kill(Linear.twin.life(2))])
    _ = machine.exited(Linear.twin.life(2), Poison.death(status: -9), now: 10_401)
    #expect(machine.suspects.isKnown(Poison.batch, stage: 1) == false)
  }

  @Test func `what a source will not send again is forgotten`() {
    var machine = Linear.running()
    for epoch in UInt32(1)...3 { _ = machine.lives(through: Poison.death(), epoch: epoch) }
    machine.originAdvanced(Linear.read, low: 5)
    #expect(machine.suspects.isKnown(Poison.batch, stage: 1))
    machine.originAdvanced(Linear.read, low: 6)
    #expect(!machine.suspects.isKnown(Poison.batch, stage: 1))
  }
}
