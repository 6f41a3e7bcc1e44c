import ArgumentParser
import Coordination
import Delivery
import POSIXKit
import PipelineFile
import Stages
import Worker

/// `procession state show`: everything about one of them.
struct ShowStateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a pipeline's state: its run, how far each worker has come, what would be lost."
  )

  @OptionGroup var options: PipelineOptions
  @OptionGroup var state: StateOptions

  func run() throws {
    let plan = try options.load().plan
    let folder = state.folder(of: plan)
    guard StateReading.isState(folder) else {
      Terminal.printError("\(plan.name) has no state (\(folder))")
      throw ExitCode(ExitStatusTable.failed)
    }
    let report = StateReport(folder, name: plan.name)
    let verdict = StoredPlan.read(stateFolder: folder).verdict(for: plan)
    let journal = report.reading.entries.map { Self.words($0, report.reading.plan) }
    if options.json {
      var document = StateDocument(report)
      document.journal = journal
      document.keeps = verdict?.keeps
      document.changes = verdict?.changes.map(\.summary)
      return try Terminal.printJSON(document)
    }
    for line in Columns.lines(Self.rows(report)) { Terminal.printOutput(line) }
    if !journal.isEmpty {
      Terminal.printOutput("journal\n" + journal.map { "  \($0)" }.joined(separator: "\n"))
    }
    for line in verdict?.lines ?? [] { Terminal.printOutput(line) }
  }

  private static func rows(_ report: StateReport) -> [[String]] {
    var rows = [
      ["pipeline", report.name], ["folder", report.reading.folder],
      ["run", report.standing + (report.isInUse ? ", in use" : "")],
    ]
    if let history = report.reading.history {
      rows += [["id", String(history.run, radix: 16)], ["begun", WallClock.text(history.beganAt)]]
    }
    rows += report.sources.map { [$0.slot, words($0)] }
    rows += report.keepers.map { [$0.slot, words($0)] }
    rows += report.sinks.map { [$0.slot, words($0)] }
    rows.append(["dead letters", letters(report)])
    if let replay = report.reading.replay {
      rows.append(["replay", "unfinished, begun \(WallClock.text(replay.beganAt))"])
    }
    return rows
  }

  private static func words(_ source: StateReport.Source) -> String {
    let read = source.bytes.map { ", \(Figures.bytes($0.done)) of \(Figures.bytes($0.all))" } ?? ""
    return "\(source.batches) batches done\(read)" + (source.isComplete ? ", complete" : "")
  }

  private static func words(_ keeper: StateReport.Keeper) -> String {
    guard let known = keeper.known else { return "what it knows is not known" }
    let underWay =
      known.underWay == 0 ? "" : ", \(RunSummary.count(known.underWay, "batch", "batches")) under way"
    return "\(Figures.grouped(known.keys)) keys from \(known.taken) batches\(underWay)"
      + (keeper.isComplete ? ", complete" : "")
  }

  private static func words(_ sink: StateReport.Sink) -> String {
    guard let written = sink.written else { return "what it has written is not known" }
    return "\(Figures.grouped(written.records)) records, \(Figures.bytes(written.bytes))"
      + (sink.isFinished ? ", finished" : "")
  }

  private static func letters(_ report: StateReport) -> String {
    guard report.letters != nil else { return "they can't be read" }
    let others = [StoredLetter.State.replaying, .replayed].filter { report.count($0) > 0 }
      .map { ", \(report.count($0)) \($0.rawValue)" }
    return "\(report.count(.dead))" + others.joined()
  }

  private static func words(_ entry: JournalEntry, _ plan: Plan?) -> String {
    func name(_ slot: SlotID) -> String {
      guard let plan, plan.stages.indices.contains(Int(slot.stage)) else { return "\(slot)" }
      return plan.name(of: slot)
    }
    switch entry {
    case .began(let run, let time): return "\(WallClock.text(time)): run \(String(run, radix: 16)) began"
    case .resumed(let time): return "\(WallClock.text(time)): it went on"
    case .joined(let stage):
      let name = plan.flatMap { $0.stages.indices.contains(Int(stage)) ? $0.stages[Int(stage)].name : nil }
      return "stage \(name ?? "\(stage)") is new from here on"
    case .complete(let slot, let last, _):
      guard let plan,
        case .custody? = plan.stages.indices.contains(Int(slot.stage))
          ? plan.stages[Int(slot.stage)].work : nil
      else { return "\(name(slot)) has read all, in \(last) batches" }
      return "\(name(slot)) has written all that its state led to, in \(last) batches"
    case .finished(let slot, let report):
      return "\(name(slot)) has finished \(report.target): \(Figures.grouped(report.records)) records"
    case .condemned(let known):
      return "\(WallClock.text(known.time)): record \(known.record) of batch \(known.batch.sequence) of "
        + "\(name(known.batch.origin)) is passed over: it ended \(known.worker) (\(known.cause))"
    case .ended: return "the run ended"
    }
  }
}
