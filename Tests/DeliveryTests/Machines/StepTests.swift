import Delivery
import Testing

@Suite struct StepTests {
  private func machine(hearing peers: Incarnation...) -> StepStateMachine {
    var machine = StepStateMachine(slot: Names.step(0).slot, topology: Names.topology)
    for peer in peers { _ = machine.peerCameUp(peer) }
    return machine
  }

  private func process(_ machine: inout StepStateMachine, output: UInt32) -> [DeliveryAction] {
    var actions: [DeliveryAction] = []
    guard let (id, _) = machine.startNext(actions: &actions) else { return actions }
    return actions
      + machine.batchProcessed(
        id, output: Output(whole: Names.content(output)),
        count: StageCount(stage: 1, recordsIn: 3, recordsOut: 2))
  }

  @Test func creditReturnsWhenTheWorkStarts() {
    var machine = machine(hearing: Names.source(1), Names.sink(1))
    #expect(machine.batchArrived(Names.atStep(1), content: Names.content(1), from: Names.source(1)) == [])
    #expect(
      process(&machine, output: 2) == [
        .sendTaken(Names.atStep(1), to: Names.source(1)),
        .send(Names.content(2), Names.atSink(1), to: Names.sink(1)), .release(Names.content(1)),
      ])
    #expect(
      machine.doneArrived(Names.atSink(1), tally: Names.counted(2, 2)).map(\.kind) == ["done", "release"])
    #expect(machine.entryCount == 0)
  }

  @Test func takesTheLowestFirst() {
    var machine = machine(hearing: Names.source(1))
    for sequence: UInt32 in [3, 1, 2] {
      _ = machine.batchArrived(
        Names.atStep(UInt64(sequence)), content: Names.content(sequence), from: Names.source(1))
    }
    var actions: [DeliveryAction] = []
    #expect(machine.startNext(actions: &actions)?.id == Names.atStep(1))
    #expect(machine.startNext(actions: &actions)?.id == Names.atStep(2))
  }

  @Test func repliesWaitForTheAnnouncement() {
    var machine = machine(hearing: Names.sink(1))
    _ = machine.batchArrived(Names.atStep(1), content: Names.content(1), from: Names.source(2))
    #expect(process(&machine, output: 2).map(\.kind) == ["send", "release"])
    #expect(machine.doneArrived(Names.atSink(1), tally: Tally()).map(\.kind) == ["release"])
    #expect(machine.peerCameUp(Names.source(2)).map(\.kind) == ["taken", "done"])
    #expect(machine.peerCameUp(Names.source(2)) == [])
  }

  @Test func parkedRepliesDieWithTheirReceiver() {
    var machine = machine()
    _ = machine.batchArrived(Names.atStep(1), content: Names.content(1), from: Names.source(1))
    _ = process(&machine, output: 2)
    #expect(machine.peerWentDown(Names.source(1)) == [.release(Names.content(2))])
    #expect(machine.peerCameUp(Names.source(1)) == [])
    #expect(machine.entryCount == 0)
  }

  @Test func dataOfTheDeadIsDropped() {
    var machine = machine()
    _ = machine.peerWentDown(Names.source(2))
    for epoch: UInt32 in [1, 2] {
      #expect(
        machine.batchArrived(Names.atStep(1), content: Names.content(1), from: Names.source(epoch)) == [
          .release(Names.content(1))
        ])
    }
    #expect(machine.entryCount == 0)
  }

  @Test func everyClaimantIsAnswered() {
    var machine = machine(hearing: Names.source(1), Names.sink(1))
    _ = machine.batchArrived(Names.atStep(1), content: Names.content(1), from: Names.source(1))
    _ = machine.peerCameUp(Names.source(2))
    #expect(
      machine.batchArrived(Names.atStep(1), content: Names.content(2), from: Names.source(2)) == [
        .sendTaken(Names.atStep(1), to: Names.source(2)), .release(Names.content(2)),
      ])
    _ = machine.peerWentDown(Names.source(1))
    #expect(machine.entryCount == 1)
    #expect(process(&machine, output: 3).map(\.kind) == ["send", "release"])
    #expect(machine.doneArrived(Names.atSink(1), tally: Tally()).map(\.kind) == ["done", "release"])
  }

  @Test func orphansGoWithTheirOutputsUnlessInHand() {
    var machine = machine(hearing: Names.source(1))
    for sequence: UInt32 in 1...3 {
      _ = machine.batchArrived(
        Names.atStep(UInt64(sequence)), content: Names.content(sequence), from: Names.source(1))
    }
    _ = process(&machine, output: 4)
    var actions: [DeliveryAction] = []
    let inHand = machine.startNext(actions: &actions)
    #expect(inHand?.id == Names.atStep(2))
    #expect(
      machine.peerWentDown(Names.source(1)) == [.release(Names.content(4)), .release(Names.content(3))])
    #expect(machine.entryCount == 1 && machine.queuedCount == 0)
    #expect(
      machine.batchProcessed(
        Names.atStep(2), output: Output(whole: Names.content(5)),
        count: StageCount(stage: 1, recordsIn: 1, recordsOut: 1)) == [
          .release(Names.content(2))
        ])
    // Nothing of the first batch is left to be sent.
    #expect(
      machine.peerCameUp(Names.sink(1)) == [.send(Names.content(5), Names.atSink(2), to: Names.sink(1))])
    #expect(machine.doneArrived(Names.atSink(2), tally: Tally()) == [.release(Names.content(5))])
    #expect(machine.entryCount == 0)
  }
}

extension DeliveryAction {
  /// Which action it is, without the particulars.
  var kind: String {
    switch self {
    case .send: "send"
    case .sendTaken: "taken"
    case .sendDone: "done"
    case .release: "release"
    }
  }
}
