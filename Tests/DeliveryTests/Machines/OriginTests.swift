import Delivery
import Testing

@Suite struct OriginTests {
  private func cut(_ machine: inout OriginStateMachine<Int>, _ sequences: ClosedRange<UInt64>)
    -> [DeliveryAction]
  {
    sequences.flatMap {
      machine.batchCut(
        Output(whole: Names.content(UInt32($0))), bytes: 10,
        count: StageCount(stage: 0, recordsIn: 1, recordsOut: 1), endMark: Int($0) * 100)
    }
  }

  private func send(_ sequence: UInt64, to index: UInt16, _ epoch: UInt32 = 1) -> DeliveryAction {
    .send(Names.content(UInt32(sequence)), Names.atStep(sequence), to: Names.step(index, epoch))
  }

  @Test func sendsToTheMostFreeCredit() throws {
    var machine = Names.origin()
    _ = machine.peerCameUp(Names.step(0))
    _ = machine.peerCameUp(Names.step(1))
    #expect(
      cut(&machine, 1...5) == [send(1, to: 0), send(2, to: 1), send(3, to: 0), send(4, to: 1)])
    #expect(try machine.takenArrived(Names.atStep(2), from: Names.step(1)) == [send(5, to: 1)])
  }

  @Test func aSecondAnnouncementChangesNothing() throws {
    var machine = Names.origin(credit: 1)
    _ = machine.peerCameUp(Names.step(0))
    _ = cut(&machine, 1...2)
    #expect(machine.peerCameUp(Names.step(0)) == [])
    #expect(try machine.takenArrived(Names.atStep(1), from: Names.step(0)) == [send(2, to: 0)])
  }

  @Test func anAnnouncementAfterTheDeathIsIgnored() {
    var machine = Names.origin()
    _ = machine.peerWentDown(Names.step(0, 2))
    _ = cut(&machine, 1...1)
    #expect(machine.peerCameUp(Names.step(0, 1)) == [])
    #expect(machine.peerCameUp(Names.step(0, 2)) == [])
    #expect(machine.peerCameUp(Names.step(0, 3)) == [send(1, to: 0, 3)])
  }

  @Test func moreCreditThanGivenIsAViolation() {
    var machine = Names.origin()
    _ = machine.peerCameUp(Names.step(0))
    #expect(throws: DeliveryViolation.self) {
      try machine.takenArrived(Names.atStep(1), from: Names.step(0))
    }
  }

  @Test func creditOfTheUnknownIsIgnored() throws {
    var machine = Names.origin()
    #expect(try machine.takenArrived(Names.atStep(1), from: Names.step(0)) == [])
  }

  @Test func whatTheDeadHadGoesOutAgainLowestFirst() {
    var machine = Names.origin(credit: 3)
    _ = machine.peerCameUp(Names.step(0))
    _ = cut(&machine, 1...5)
    #expect(machine.peerWentDown(Names.step(0)) == [])
    #expect(
      machine.peerCameUp(Names.step(1)) == [send(1, to: 1), send(2, to: 1), send(3, to: 1)])
  }

  @Test func doneOfTheDeadCounts() {
    var machine = Names.origin()
    _ = machine.peerCameUp(Names.step(0))
    _ = cut(&machine, 1...1)
    _ = machine.peerWentDown(Names.step(0))
    #expect(
      machine.doneArrived(Names.atStep(1), tally: Names.counted(1, 1)) == [.release(Names.content(1))])
    #expect(machine.position.low == 2)
    #expect(machine.peerCameUp(Names.step(1)) == [])
  }

  @Test func thePositionIsTheLowWaterMarkOfDone() {
    var machine = Names.origin()
    _ = machine.peerCameUp(Names.step(0))
    _ = cut(&machine, 1...2)
    #expect(
      machine.doneArrived(Names.atStep(2), tally: Names.counted(1, 1)) == [.release(Names.content(2))])
    #expect(machine.position.low == 1)
    #expect(machine.position.mark == 0)
    #expect(machine.batchesInFlight == 1)
    _ = machine.doneArrived(Names.atStep(1), tally: Names.counted(1, 1))
    #expect(machine.position.low == 3)
    #expect(machine.position.mark == 200)
    #expect(machine.position.tally.count(of: 1).recordsIn == 2)
    #expect(machine.doneArrived(Names.atStep(1), tally: Names.counted(1, 1)) == [])
  }

  @Test func theWindowIsASpan() {
    var machine = Names.origin(window: 3)
    _ = cut(&machine, 1...3)
    #expect(!machine.mayCut)
    _ = machine.doneArrived(Names.atStep(2), tally: Tally())
    _ = machine.doneArrived(Names.atStep(3), tally: Tally())
    #expect(!machine.mayCut)
    _ = machine.doneArrived(Names.atStep(1), tally: Tally())
    #expect(machine.mayCut)
  }

  @Test func oneBatchIsAlwaysAllowedHoweverLarge() {
    var machine = Names.origin(bytes: 5)
    #expect(machine.mayCut)
    _ = cut(&machine, 1...1)
    #expect(!machine.mayCut)
    _ = machine.doneArrived(Names.atStep(1), tally: Tally())
    #expect(machine.mayCut)
  }

  @Test func isCompleteWhenAllIsDoneAndTheInputEnded() {
    var machine = Names.origin(low: 4)
    _ = cut(&machine, 4...4)
    #expect(machine.lastSequence == nil)
    machine.inputEnded()
    #expect(machine.lastSequence == 4)
    #expect(!machine.mayCut && !machine.isComplete)
    _ = machine.doneArrived(Names.atStep(4), tally: Tally())
    #expect(machine.isComplete)
  }

  @Test func drainsAsFarAsItIsTold() {
    var machine = Names.origin()
    _ = machine.peerCameUp(Names.step(0))
    _ = cut(&machine, 1...1)
    #expect(machine.drainOrdered() == 1)
    #expect(!machine.mayCut && !machine.isDrained)
    _ = machine.doneArrived(Names.atStep(1), tally: Tally())
    #expect(!machine.isDrained, "how far to go is not known yet")
    machine.drainOrdered(upTo: 2)
    #expect(machine.mayCut)
    _ = cut(&machine, 2...2)
    #expect(!machine.mayCut && !machine.isDrained)
    _ = machine.doneArrived(Names.atStep(2), tally: Tally())
    #expect(machine.isDrained && !machine.isComplete)
    #expect(machine.drainOrdered() == 2 && machine.isDrained)
  }
}
