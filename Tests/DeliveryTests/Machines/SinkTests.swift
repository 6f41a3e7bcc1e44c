import Delivery
import Testing

@Suite struct SinkTests {
  private let sender = Names.step(0)

  private func machine(
    committed: UInt64 = 0, window: UInt64 = 4, hearing peers: Incarnation...
  ) -> SinkStateMachine {
    var machine = SinkStateMachine(
      slot: Names.sink, topology: Names.topology, resumingAt: .init(dense: [committed]), window: window)
    for peer in peers { _ = machine.peerCameUp(peer) }
    return machine
  }

  private func arrive(
    _ machine: inout SinkStateMachine, _ sequence: UInt64, from sender: Incarnation, lowWater: UInt64 = 1
  ) throws -> [String] {
    try machine.batchArrived(
      Names.atSink(sequence), content: Names.content(UInt32(sequence)), records: 2, lowWater: lowWater,
      from: sender
    ).map(\.kind)
  }

  private func apply(_ machine: inout SinkStateMachine) -> UInt64? {
    guard let id = machine.nextToApply?.id else { return nil }
    _ = machine.batchApplied(id)
    return id.sequence
  }

  @Test func creditReturnsOnArrivalAndDoneAfterTheCommit() throws {
    var machine = machine(hearing: sender)
    #expect(try arrive(&machine, 2, from: sender) == ["taken"])
    #expect(machine.nextToApply == nil && !machine.shouldCommit)
    #expect(try arrive(&machine, 1, from: sender) == ["taken"])
    #expect(apply(&machine) == 1)
    #expect(apply(&machine) == 2)
    #expect(machine.shouldCommit && machine.position.dense == [2])
    #expect(machine.groupCommitted().map(\.kind) == ["done", "release", "done", "release"])
    #expect(machine.bufferedCount == 0 && machine.uncommittedCount == 0)
  }

  @Test func halfAWindowIsCommittedAlthoughMoreIsHere() throws {
    var machine = machine(hearing: sender)
    for sequence: UInt64 in 1...3 { _ = try arrive(&machine, sequence, from: sender) }
    #expect(apply(&machine) == 1)
    #expect(!machine.shouldCommit)
    #expect(apply(&machine) == 2)
    #expect(machine.shouldCommit && machine.nextToApply != nil)
  }

  @Test func onlyWhatIsCommittedIsDoneAtOnce() throws {
    var machine = machine(committed: 3, hearing: sender, Names.step(1))
    #expect(try arrive(&machine, 3, from: sender) == ["taken", "done", "release"])
    #expect(try arrive(&machine, 4, from: sender) == ["taken"])
    #expect(try arrive(&machine, 4, from: Names.step(1)) == ["taken", "release"])
    #expect(apply(&machine) == 4)
    #expect(try arrive(&machine, 4, from: sender) == ["taken", "release"])
    #expect(machine.groupCommitted().map(\.kind) == ["done", "done", "release"])
  }

  @Test func orphansAreDroppedUnlessApplied() throws {
    var machine = machine(hearing: sender)
    for sequence: UInt64 in 1...2 { _ = try arrive(&machine, sequence, from: sender) }
    #expect(apply(&machine) == 1)
    #expect(machine.peerWentDown(sender) == [.release(Names.content(2))])
    #expect(machine.bufferedCount == 1)
    #expect(machine.groupCommitted() == [.release(Names.content(1))])
  }

  @Test func dataOfTheDeadIsDropped() throws {
    var machine = machine()
    _ = machine.peerWentDown(Names.step(0, 2))
    #expect(try arrive(&machine, 1, from: Names.step(0, 1)) == ["release"])
    #expect(try arrive(&machine, 1, from: Names.step(0, 3)) == [])
    #expect(machine.peerCameUp(Names.step(0, 3)).map(\.kind) == ["taken"])
  }

  @Test func lostStateIsAViolation() {
    var machine = machine(committed: 3)
    #expect(throws: Never.self) { try arrive(&machine, 5, from: sender, lowWater: 4) }
    #expect(throws: DeliveryViolation.self) { try arrive(&machine, 6, from: sender, lowWater: 5) }
  }

  @Test func beyondTheWindowIsAViolation() {
    var machine = machine(committed: 3)
    #expect(throws: Never.self) { try arrive(&machine, 7, from: sender) }
    #expect(throws: DeliveryViolation.self) { try arrive(&machine, 8, from: sender) }
  }

  @Test func anUnknownPathIsAViolation() {
    var machine = machine()
    #expect(throws: DeliveryViolation.self) {
      try machine.batchArrived(
        Names.cut(1), content: Names.content(1), records: 1, lowWater: 1, from: sender)
    }
  }

  @Test func isFinishedWhenFlushedAndEmpty() throws {
    var machine = machine(hearing: sender)
    _ = try arrive(&machine, 1, from: sender)
    machine.flushOrdered()
    #expect(!machine.isFinished)
    _ = apply(&machine)
    #expect(!machine.isFinished)
    _ = machine.groupCommitted()
    #expect(machine.isFinished)
  }

  @Test func goesOnWithoutAnOriginThatEnded() throws {
    let topology = Topology(
      stages: [(role: .source, slots: 1), (role: .source, slots: 1), (role: .sink, slots: 1)],
      edges: [(0, 2), (1, 2)])
    var machine = SinkStateMachine(slot: Names.sink, topology: topology, window: 4)
    let second = SlotID(stage: 1, index: 0)
    let id = BatchID(origin: second, sequence: 1, branch: .root).crossing(from: 1, to: 2)
    _ = try machine.batchArrived(
      id, content: Names.content(1), records: 1, lowWater: 1, from: Incarnation(slot: second, epoch: 1))
    #expect(machine.nextToApply == nil)
    machine.originEnded(SlotID(stage: 0, index: 0), last: 0)
    #expect(machine.nextToApply?.id == id)
  }
}
