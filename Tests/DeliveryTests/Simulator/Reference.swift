import Delivery

/// What a step makes of a record: nothing, one record or two, the same in every life.
func transform(_ record: UInt64, at stage: UInt16, into output: inout [UInt64]) {
  let value = mixed(record &+ UInt64(stage) &* 0x9E37_79B9_7F4A_7C15)
  if value & 7 == 0 { return }
  output.append(value)
  if value & 7 == 1 { output.append(mixed(value)) }
}

func sourceRecord(stage: UInt16, index: Int) -> UInt64 { UInt64(stage) << 32 | UInt64(index + 1) }

/// What a run by one process, one record after the other, would have produced and counted.
struct Reference {
  /// What each stage wrote; empty for all but sinks.
  private(set) var logs: [[UInt64]]
  /// Per origin stage: records in and out of each stage.
  private(set) var counts: [[(recordsIn: UInt64, recordsOut: UInt64)]]

  /// `cuts` are the ranges of records of each batch, per origin stage.
  init(topology: Topology, cuts: [[Range<Int>]]) {
    let stageCount = topology.stages.count
    logs = Array(repeating: [], count: stageCount)
    counts = Array(repeating: Array(repeating: (0, 0), count: stageCount), count: stageCount)
    for index in 0..<(cuts.map(\.count).max() ?? 0) {
      for origin in 0..<stageCount where index < cuts[origin].count {
        let records = cuts[origin][index].map { sourceRecord(stage: UInt16(origin), index: $0) }
        visit(origin, records, origin: origin, topology: topology)
      }
    }
  }

  private mutating func visit(_ stage: Int, _ input: [UInt64], origin: Int, topology: Topology) {
    var output = input
    switch topology.stages[stage].role {
    case .source, .custody, .deadLetters: break
    case .sink: logs[stage] += input
    case .step:
      output = []
      for record in input { transform(record, at: UInt16(stage), into: &output) }
    }
    counts[origin][stage].recordsIn += UInt64(input.count)
    counts[origin][stage].recordsOut += UInt64(output.count)
    for next in topology.stages[stage].downstream {
      visit(Int(next), output, origin: origin, topology: topology)
    }
  }
}
