import Delivery
import Testing

/// One stage with custody between a source and a sink.
@Suite struct CustodyTests {
  private static let topology = Topology(
    stages: [(role: .source, slots: 1), (role: .custody, slots: 1), (role: .sink, slots: 1)],
    edges: [(0, 1), (1, 2)])
  private let slot = SlotID(stage: 1, index: 0)
  private let source = Incarnation(slot: SlotID(stage: 0, index: 0), epoch: 1)
  private let sink = Incarnation(slot: SlotID(stage: 2, index: 0), epoch: 1)

  private func machine(
    _ position: CustodyStateMachine.Position? = nil, stored: [UInt64] = [], window: UInt64 = 4
  ) -> CustodyStateMachine {
    var machine = CustodyStateMachine(
      slot: slot, topology: Self.topology, resumingAt: position, stored: stored, window: window)
    _ = machine.peerCameUp(source)
    _ = machine.peerCameUp(sink)
    return machine
  }

  private func arrive(_ machine: inout CustodyStateMachine, _ sequence: UInt64) throws -> [String] {
    let id = BatchID(origin: source.slot, sequence: sequence, branch: .root).crossing(from: 0, to: 1)
    return try machine.batchArrived(
      id, content: Names.content(UInt32(sequence)), records: 2, lowWater: 1, from: source
    ).map(\.kind)
  }

  private func apply(_ machine: inout CustodyStateMachine, outgoing: Int) -> Range<UInt64>? {
    guard let id = machine.nextToApply?.id else { return nil }
    return machine.batchApplied(id, outgoing: outgoing)
  }

  private func release(_ machine: inout CustodyStateMachine) -> UInt64? {
    guard let sequence = machine.nextToRelease else { return nil }
    _ = machine.batchReleased(
      sequence, output: Output(whole: Names.content(100 + UInt32(sequence))),
      count: StageCount(stage: 1, recordsIn: 0, recordsOut: 1))
    return sequence
  }

  private func done(_ machine: inout CustodyStateMachine, _ sequence: UInt64) {
    let id = BatchID(origin: slot, sequence: sequence, branch: .root).crossing(from: 1, to: 2)
    _ = machine.doneArrived(id, tally: Names.counted(2, 1))
  }

  @Test func nothingLeavesBeforeTheCommit() throws {
    var machine = machine()
    #expect(try arrive(&machine, 2) == ["taken"])
    #expect(machine.nextToApply == nil)
    #expect(try arrive(&machine, 1) == ["taken"])
    #expect(apply(&machine, outgoing: 2) == 1..<3)
    #expect(apply(&machine, outgoing: 0) == 3..<3)
    #expect(machine.shouldCommit && machine.nextToRelease == nil)
    let commit = machine.commitStarts()
    #expect(commit.position.dense == [2] && commit.position.next == 3)
    #expect(machine.groupCommitted().map(\.kind) == ["done", "release", "done", "release"])
    #expect(release(&machine) == 1)
    #expect(release(&machine) == 2)
    #expect(try arrive(&machine, 2) == ["taken", "done", "release"])
  }

  @Test func aFullStoreTakesNoMore() throws {
    var machine = machine(window: 2)
    for sequence: UInt64 in 1...2 { _ = try arrive(&machine, sequence) }
    #expect(apply(&machine, outgoing: 2) == 1..<3)
    #expect(machine.nextToApply == nil)
    _ = machine.commitStarts()
    _ = machine.groupCommitted()
    while release(&machine) != nil {}
    #expect(machine.nextToApply == nil)
    done(&machine, 1)
    #expect(apply(&machine, outgoing: 1) == 3..<4)
  }

  @Test func whatIsStoredIsReleasedAgainPastHoles() {
    var machine = machine(.init(dense: [5], next: 9), stored: [3, 5, 8], window: 4)
    #expect(machine.lowWater == 3)
    #expect(release(&machine) == 3)
    #expect(release(&machine) == 5)
    #expect(machine.nextToRelease == nil)
    done(&machine, 3)
    #expect(release(&machine) == 8)
    let commit = machine.commitStarts()
    #expect(commit.finished == [3] && commit.position.next == 9)
    #expect(commit.position.tally.count(of: 2).recordsIn == 1)
    #expect(machine.lowWater == 5)
  }

  private func merging() -> CustodyStateMachine {
    let topology = Topology(
      stages: [
        .init(role: .source, slots: 2), .init(role: .custody, slots: 1, sendsLetters: true),
        .init(role: .sink, slots: 1), .init(role: .deadLetters, slots: 1),
      ], edges: [(0, 1), (1, 2)])
    var machine = CustodyStateMachine(slot: slot, topology: topology, window: 8)
    for index: UInt16 in 0...1 {
      _ = machine.peerCameUp(Incarnation(slot: SlotID(stage: 0, index: index), epoch: 1))
    }
    return machine
  }

  private func arrive(_ machine: inout CustodyStateMachine, from index: UInt16, _ sequence: UInt64) throws {
    let sender = Incarnation(slot: SlotID(stage: 0, index: index), epoch: 1)
    _ = try machine.batchArrived(
      BatchID(origin: sender.slot, sequence: sequence, branch: .root).crossing(from: 0, to: 1),
      content: Names.content(UInt32(index) * 100 + UInt32(sequence)), records: 2, lowWater: 1, from: sender)
  }

  @Test func sourcesAreMergedBySequenceAndPlanOrder() throws {
    var machine = merging()
    try arrive(&machine, from: 1, 1)
    #expect(machine.nextToApply == nil)
    try arrive(&machine, from: 0, 1)
    try arrive(&machine, from: 0, 2)
    var order: [String] = []
    func applyAll() {
      while let id = machine.nextToApply?.id {
        order.append("\(id.origin.index):\(id.sequence)")
        _ = machine.batchApplied(id, outgoing: 0)
      }
    }
    applyAll()
    #expect(order == ["0:1", "1:1", "0:2"])
    try arrive(&machine, from: 0, 3)
    applyAll()
    #expect(order.count == 3)
    // The other has nothing more: nobody waits for it.
    machine.originEnded(SlotID(stage: 0, index: 1), last: 1)
    applyAll()
    #expect(order.last == "0:3")
  }

  /// Upstream hears only that the records came in; what became of them is counted here, once.
  @Test func deadRecordsAreCountedByTheSlotItself() throws {
    var machine = merging()
    for index: UInt16 in 0...1 { try arrive(&machine, from: index, 1) }
    for _ in 0..<2 {
      _ = machine.batchApplied(try #require(machine.nextToApply).id, outgoing: 0, filtered: 1, dead: 1)
    }
    let position = machine.commitStarts().position
    #expect(
      position.tally.counts == [
        StageCount(stage: 1, recordsIn: 0, recordsOut: 0, filtered: 2, dead: 2)
      ])
    for case .sendDone(_, let tally, _) in machine.groupCommitted() {
      #expect(tally.counts == [StageCount(stage: 1, recordsIn: 2, recordsOut: 0)])
    }
  }

  @Test func aCommitIsUrgentOnceSomebodyWaitsForIt() throws {
    var machine = machine(window: 8)
    _ = try arrive(&machine, 1)
    _ = apply(&machine, outgoing: 1)
    #expect(machine.shouldCommit && !machine.isCommitUrgent)
    machine.originEnded(source.slot, last: 1)
    #expect(machine.isCommitUrgent)
    _ = machine.commitStarts()
    _ = machine.groupCommitted()
    _ = release(&machine)
    done(&machine, 1)
    #expect(machine.shouldCommit && !machine.isCommitUrgent)
    machine.flushOrdered()
    #expect(machine.isCommitUrgent)
  }

  @Test func flushesOnceAndIsFinishedWhenAllIsGone() {
    var machine = machine(.init(dense: [5], next: 9))
    #expect(!machine.mayFlush)
    machine.flushOrdered()
    #expect(machine.mayFlush)
    #expect(machine.flushApplied(outgoing: 1) == 9..<10)
    #expect(!machine.mayFlush && machine.commitStarts().position.isFlushed)
    _ = machine.groupCommitted()
    #expect(release(&machine) == 9)
    done(&machine, 9)
    #expect(!machine.isFinished && machine.shouldCommit)
    #expect(machine.commitStarts().finished == [9])
    _ = machine.groupCommitted()
    #expect(machine.isFinished)
  }
}
