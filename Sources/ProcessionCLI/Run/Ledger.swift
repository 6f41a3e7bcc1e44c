import Coordination
import Delivery
import PipelineFile
import Supervisor

/// The books of a run: what each stage took must be what was sent to it, and what became of it.
struct Ledger {
  /// A sentence for each stage that does not balance; empty if all do.
  let imbalances: [String]

  /// `late`: stages that were not there from the beginning, and at which resumption they joined. They have missed
  /// what was done before.
  init(plan: Plan, report: RunReport, late: [UInt16: Int] = [:]) {
    let counts = plan.stages.indices.map { report.tally.count(of: UInt16($0)) }
    var found: [String] = []
    for (index, stage) in plan.stages.enumerated() {
      let count = counts[index]
      if stage.work == .deadLetters {
        let sent = stage.upstream.reduce(UInt64(0)) { $0 + counts[$1].dead }
        if sent != count.recordsIn {
          found.append("\(stage.name) took \(count.recordsIn) letters of the \(sent) that were sent to it")
        }
        continue
      }
      let gone = count.filtered + count.dead
      // What a stage with state puts out is made of its state.
      let isMadeOfRecords = if case .custody = stage.work { false } else { true }
      if gone > count.recordsIn || (isMadeOfRecords && gone == count.recordsIn && count.recordsOut > 0) {
        found.append(
          "\(stage.name) took \(count.recordsIn) records; \(count.filtered) were filtered, "
            + "\(count.dead) died and \(count.recordsOut) went on")
      }
      if !stage.upstream.isEmpty {
        let sent = stage.upstream.reduce(UInt64(0)) { $0 + counts[$1].recordsOut }
        let joined = late[UInt16(index)] ?? -1
        let hasMissedSome = stage.upstream.contains { late[UInt16($0)] ?? -1 < joined }
        if hasMissedSome ? sent < count.recordsIn : sent != count.recordsIn {
          found.append(
            "\(stage.name) took \(count.recordsIn) records of the \(sent) that were sent to it")
        }
      }
      guard case .sink = stage.work else { continue }
      let written = report.sinks.filter { Int($0.slot.stage) == index }.reduce(UInt64(0)) {
        $0 + $1.report.records
      }
      // A stopped run's sinks have not said what they wrote.
      if report.outcome == .complete && written != count.recordsOut {
        found.append("\(stage.name) wrote \(written) records of \(count.recordsOut)")
      }
    }
    imbalances = found
  }
}
