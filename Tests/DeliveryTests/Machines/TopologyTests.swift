import Delivery
import Testing

@Suite struct TopologyTests {
  @Test(arguments: [
    (Shape.linear, UInt16(0), UInt64(32)),  // 4 x 4 slots on the path are less
    (.two, 0, 32),  // 4 x 7 are less
    (.diamond, 0, 32),
    (.fanin, 1, 32),
  ])
  func windowIsFourTimesTheLongestPath(shape: Shape, origin: UInt16, expected: UInt64) {
    #expect(shape.topology.window(ofOrigin: origin) == expected)
  }

  @Test func aLongPathHasAWiderWindow() {
    let topology = Topology(
      stages: [(.source, 1), (.step, 6), (.step, 4), (.sink, 1)], edges: [(0, 1), (1, 2), (2, 3)])
    #expect(topology.window(ofOrigin: 0) == 4 * 12)
  }

  @Test func windowExceedsAllCreditOfAWideTopology() {
    let sides = 20
    let topology = Topology(
      stages: [(role: .source, slots: 1)] + (0..<sides).map { _ in (role: .sink, slots: 1) },
      edges: (1...sides).map { (0, UInt16($0)) })
    #expect(topology.window(ofOrigin: 0) == UInt64(sides * Topology.credit + 2))
  }

  @Test func neighboursAreTheSlotsOnBothSides() {
    let stages = Shape.diamond.topology.neighbours(of: 1).map(\.stage)
    #expect(stages == [0, 3, 3, 4])
  }

  @Test func mergeOrderIsPlanOrder() {
    func path(_ stages: UInt16...) -> Branch {
      zip(stages, stages.dropFirst()).reduce(.root) { $0.crossing(from: $1.0, to: $1.1) }
    }
    let first = SlotID(stage: 0, index: 0)
    let second = SlotID(stage: 1, index: 0)
    #expect(
      Shape.fanin.topology.mergeOrder(of: SlotID(stage: 4, index: 0)).map(\.stream) == [
        MergeInput(origin: first, branch: path(0, 2, 4)),
        MergeInput(origin: second, branch: path(1, 2, 4)),
        MergeInput(origin: second, branch: path(1, 3, 4)),
      ])
    #expect(
      Shape.diamond.topology.mergeOrder(of: SlotID(stage: 4, index: 0)).map(\.stream) == [
        MergeInput(origin: first, branch: path(0, 1, 3, 4)),
        MergeInput(origin: first, branch: path(0, 1, 4)),
        MergeInput(origin: first, branch: path(0, 2, 3, 4)),
      ])
    #expect(
      Shape.selfDiamond.topology.mergeOrder(of: SlotID(stage: 2, index: 0)).map(\.branch) == [
        path(0, 1, 2), path(0, 2),
      ])
    #expect(Shape.fan.topology.mergeOrder(of: SlotID(stage: 2, index: 0)).map(\.branch) == [path(0, 1, 2)])
  }

  @Test func batchesAreOrderedBySequenceThenOrigin() {
    let low = SlotID(stage: 0, index: 1)
    let high = SlotID(stage: 1, index: 0)
    let ids = [
      BatchID(origin: low, sequence: 2, branch: .root), BatchID(origin: high, sequence: 1, branch: .root),
      BatchID(origin: low, sequence: 1, branch: Branch(rawValue: 9)),
      BatchID(origin: low, sequence: 1, branch: .root),
    ]
    #expect(ids.sorted() == [ids[3], ids[2], ids[1], ids[0]])
  }

  @Test func talliesAddUpPerStage() {
    var tally = Tally(StageCount(stage: 3, recordsIn: 5, recordsOut: 4))
    tally.add(Tally(StageCount(stage: 1, recordsIn: 7, recordsOut: 7)))
    tally.add(StageCount(stage: 3, recordsIn: 1, recordsOut: 2))
    #expect(tally.counts.map(\.stage) == [1, 3])
    #expect(tally.count(of: 3) == StageCount(stage: 3, recordsIn: 6, recordsOut: 6))
    #expect(tally.count(of: 2).recordsIn == 0)
  }
}

extension MergeInput {
  /// What tells it from others.
  fileprivate var stream: MergeInput { MergeInput(origin: origin, branch: branch) }
}
