import Delivery
import Testing

@Suite struct SuspectsTests {
  private var suspects = Suspects(attempts: [3, 3, 3])

  @Test mutating func theThirdDeathIsTheLastAsAWhole() {
    #expect(suspects.died(inHand: Names.atStep(1), record: nil, stage: 1) == .suspected)
    #expect(suspects.died(inHand: Names.atStep(1), record: nil, stage: 1) == .suspected)
    #expect(suspects.entries(ofStage: 1).isEmpty)
    #expect(suspects.died(inHand: Names.atStep(1), record: nil, stage: 1) == .recordByRecord)
    let entries = suspects.entries(ofStage: 1)
    #expect(entries.map(\.batch) == [Names.atStep(1)])
    #expect(entries.allSatisfy { $0.isRecordByRecord && $0.condemned.isEmpty })
    #expect(suspects.entries(ofStage: 2).isEmpty)
  }

  @Test mutating func batchesAndStagesAreCountedApart() {
    for sequence: UInt64 in 1...5 {
      #expect(suspects.died(inHand: Names.atStep(sequence), record: nil, stage: 1) == .suspected)
      #expect(suspects.died(inHand: Names.atSink(sequence), record: nil, stage: 2) == .suspected)
    }
  }

  @Test mutating func twoDeathsCondemnARecord() {
    for _ in 1...3 { _ = suspects.died(inHand: Names.atStep(1), record: nil, stage: 1) }
    #expect(suspects.died(inHand: Names.atStep(1), record: 7, stage: 1) == .recordByRecord)
    #expect(suspects.died(inHand: Names.atStep(1), record: 4, stage: 1) == .recordByRecord)
    #expect(suspects.died(inHand: Names.atStep(1), record: 7, stage: 1) == .condemned)
    #expect(suspects.died(inHand: Names.atStep(1), record: 4, stage: 1) == .condemned)
    #expect(suspects.died(inHand: Names.atStep(1), record: 7, stage: 1) == .recordByRecord)
    #expect(suspects.entries(ofStage: 1).map(\.condemned) == [[4, 7]])
  }

  @Test mutating func deathsBetweenRecordsAreNotBlamedForEver() {
    for _ in 1...5 { _ = suspects.died(inHand: Names.atStep(1), record: nil, stage: 1) }
    #expect(suspects.died(inHand: Names.atStep(1), record: nil, stage: 1) == .unexplained)
    #expect(suspects.died(inHand: Names.atStep(1), record: 0, stage: 1) == .recordByRecord)
  }

  @Test mutating func condemnationsAreRestored() {
    suspects.restore(condemned: 2, of: Names.atStep(3), stage: 1)
    suspects.restore(condemned: 0, of: Names.atStep(3), stage: 1)
    suspects.restore(condemned: 2, of: Names.atStep(3), stage: 1)
    #expect(suspects.entries(ofStage: 1).map(\.condemned) == [[0, 2]])
    #expect(suspects.died(inHand: Names.atStep(3), record: 1, stage: 1) == .recordByRecord)
    #expect(suspects.died(inHand: Names.atStep(3), record: 1, stage: 1) == .condemned)
  }

  @Test mutating func whatIsDoneIsForgotten() {
    for sequence: UInt64 in [3, 1, 2] {
      suspects.restore(condemned: 0, of: Names.atStep(sequence), stage: 1)
    }
    #expect(suspects.entries(ofStage: 1).map(\.batch.sequence) == [1, 2, 3])
    suspects.forget(below: 3, origin: SlotID(stage: 0, index: 1))
    #expect(suspects.entries(ofStage: 1).count == 3)
    suspects.forget(below: 3, origin: Names.source)
    #expect(suspects.entries(ofStage: 1).map(\.batch.sequence) == [3])
  }
}
