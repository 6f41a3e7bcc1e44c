import Delivery

/// What happens to a record at a stage, the same in every life.
struct Fates {
  var poisonRate: UInt64
  var refusalRate: UInt64

  private func draw(_ record: UInt64, _ stage: UInt16) -> UInt64 {
    mixed(record &+ UInt64(stage) &* 0xD1B5_4A32_D192_ED03 &+ 77)
  }

  /// Whether it ends the worker that has it in hand.
  func isPoison(_ record: UInt64, at stage: UInt16) -> Bool {
    poisonRate > 0 && draw(record, stage) & 0xFFFF < poisonRate
  }

  /// Whether the stage can't work on it, and survives.
  func isRefused(_ record: UInt64, at stage: UInt16) -> Bool {
    refusalRate > 0 && draw(record, stage) >> 16 & 0xFFFF < refusalRate
  }
}

/// What a step makes of a record: nothing, one record or two, the same in every life.
func transform(_ record: UInt64, at stage: UInt16, into output: inout [UInt64]) {
  let value = mixed(record &+ UInt64(stage) &* 0x9E37_79B9_7F4A_7C15)
  if value & 7 == 0 { return }
  output.append(value)
  if value & 7 == 1 { output.append(mixed(value)) }
}

func sourceRecord(slot: Int, index: Int) -> UInt64 { UInt64(slot + 1) << 32 | UInt64(index + 1) }

/// Which slot of a keyed stage gets a record.
func keySlot(_ record: UInt64, slots: Int) -> Int { Int(mixed(record ^ 0x5EED) % UInt64(slots)) }

/// The key of a dead letter in the store.
struct LetterKey: Hashable {
  var batch: BatchID
  var index: UInt32
}

/// What a run by one process, one record after the other, would have produced and counted.
struct Reference {
  /// Per slot, per stream in merge order, per sequence: what a sink must have written.
  private(set) var streams: [[[[UInt64]]]]
  private(set) var letters: [LetterKey: UInt64] = [:]
  /// Per origin slot, per stage.
  private(set) var counts: [[StageCount]]

  private let shape: Shape
  private let fates: Fates
  private let firstSlot: [Int]

  /// `cuts` are the ranges of records of each batch, per slot; `stored` what stages with custody numbered.
  init(shape: Shape, fates: Fates, cuts: [[Range<Int>]], stored: [[CustodyStore.Outgoing]]) {
    self.shape = shape
    self.fates = fates
    let stages = shape.topology.stages
    var first: [Int] = []
    var count = 0
    for stage in stages {
      first.append(count)
      count += stage.slots
    }
    firstSlot = first
    streams = shape.mergeInputs.map { $0.map { _ in [] } }
    let zeros = stages.indices.map { StageCount(stage: UInt16($0), recordsIn: 0, recordsOut: 0) }
    counts = Array(repeating: zeros, count: count)
    for (slot, ranges) in cuts.enumerated() {
      for (index, range) in ranges.enumerated() {
        let id = BatchID(origin: shape.slots[slot], sequence: UInt64(index + 1), branch: .root)
        let records = range.map { sourceRecord(slot: slot, index: $0) }
        visit(shape.slots[slot], id, records, origin: slot)
      }
    }
    for (slot, batches) in stored.enumerated() {
      let stage = shape.slots[slot].stage
      for (index, batch) in batches.enumerated() {
        let id = BatchID(origin: shape.slots[slot], sequence: UInt64(index + 1), branch: .root)
        counts[slot][Int(stage)].recordsOut += UInt64(batch.records.count)
        for next in stages[Int(stage)].downstream {
          pass(batch.records, id, from: stage, to: next, origin: slot)
        }
        guard let keeper = shape.topology.letterStage(of: stage) else { continue }
        for letter in batch.letters {
          letters[LetterKey(batch: id.crossing(from: stage, to: keeper), index: letter.index)] = letter.record
        }
        counts[slot][Int(keeper)].recordsIn += UInt64(batch.letters.count)
        counts[slot][Int(keeper)].recordsOut += UInt64(batch.letters.count)
      }
    }
  }

  private mutating func visit(_ slot: SlotID, _ id: BatchID, _ input: [UInt64], origin: Int) {
    let stage = Int(slot.stage)
    let definition = shape.topology.stages[stage]
    let own = firstSlot[stage] + Int(slot.index)
    if definition.role == .custody {
      let stream = shape.mergeInputs[own].firstIndex { $0.origin == id.origin && $0.branch == id.branch }!
      streams[own][stream].append(input)
      counts[origin][stage].recordsIn += UInt64(input.count)
      counts[own][stage].dead += UInt64(
        input.count { fates.isPoison($0, at: slot.stage) || fates.isRefused($0, at: slot.stage) })
      return
    }
    var output: [UInt64] = []
    var count = StageCount(stage: slot.stage, recordsIn: UInt64(input.count), recordsOut: 0)
    let keeper = shape.topology.letterStage(of: slot.stage)
    for (index, record) in input.enumerated() {
      let isPoison = definition.role != .source && fates.isPoison(record, at: slot.stage)
      if isPoison || fates.isRefused(record, at: slot.stage) {
        count.dead += 1
        guard let keeper else { continue }
        letters[LetterKey(batch: id.crossing(from: slot.stage, to: keeper), index: UInt32(index))] = record
        counts[origin][Int(keeper)].recordsIn += 1
        counts[origin][Int(keeper)].recordsOut += 1
        continue
      }
      let before = output.count
      if definition.role == .step {
        transform(record, at: slot.stage, into: &output)
        if output.count == before { count.filtered += 1 }
      } else {
        output.append(record)
      }
    }
    if definition.role == .sink {
      let stream = shape.mergeInputs[own].firstIndex { $0.origin == id.origin && $0.branch == id.branch }!
      streams[own][stream].append(output)
    }
    counts[origin][stage].recordsIn += count.recordsIn
    counts[origin][stage].recordsOut += UInt64(output.count)
    counts[origin][stage].filtered += count.filtered
    counts[origin][stage].dead += count.dead
    for next in definition.downstream { pass(output, id, from: slot.stage, to: next, origin: origin) }
  }

  private mutating func pass(
    _ records: [UInt64], _ id: BatchID, from stage: UInt16, to next: UInt16, origin: Int
  ) {
    let receiver = shape.topology.stages[Int(next)]
    if receiver.input == .balanced {
      return visit(
        SlotID(stage: next, index: 0), id.crossing(from: stage, to: next), records, origin: origin)
    }
    for slot in shape.topology.slots(of: next) {
      var part: [UInt64] = []
      if receiver.input == .keyed {
        part = records.filter { keySlot($0, slots: receiver.slots) == Int(slot.index) }
      } else if id.sequence % UInt64(receiver.slots) == UInt64(slot.index) {
        part = records
      }
      visit(slot, id.crossing(from: stage, to: next, part: slot.index), part, origin: origin)
    }
  }
}
