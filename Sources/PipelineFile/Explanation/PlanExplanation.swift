/// Shows what a pipeline file means.
package enum PlanExplanation {
  /// Each stage with its start method and why, then every default that was filled in; one fact a line.
  package static func explain(_ loaded: LoadedPipeline) -> [String] {
    let plan = loaded.plan
    var lines = ["pipeline \(plan.name) (\(plan.file))"]
    lines += defaults(of: "the pipeline", in: loaded)
    let owners = plan.stages.map { "stage '\($0.name)'" }
    for (index, stage) in plan.stages.enumerated() {
      lines.append("")
      lines.append("stage \(stage.name): \(work(of: stage))")
      lines.append("  start method: \(stage.startMethod.rawValue) (\(stage.startMethodReason))")
      lines.append("  workers: \(stage.workers)")
      if !stage.upstream.isEmpty {
        lines.append("  from: \(stage.upstream.map { plan.stages[$0].name }.joined(separator: ", "))")
      }
      lines.append("  restart: \(RestartReader.shown(stage.restart))")
      lines += defaults(of: owners[index], in: loaded)
    }
    return lines
  }

  private static func defaults(of owner: String, in loaded: LoadedPipeline) -> [String] {
    loaded.defaults.compactMap { applied in
      if applied.owner == owner { return "  default \(applied.key): \(applied.value)" }
      guard let range = applied.owner.firstRange(of: " of " + owner),
        range.upperBound == applied.owner.endIndex
      else { return nil }
      return "  default \(applied.key): \(applied.value) (\(applied.owner[..<range.lowerBound]))"
    }
  }

  private static func work(of stage: StagePlan) -> String {
    switch stage.work {
    case .source(let source):
      let files = source.files.count == 1 ? "1 file" : "\(source.files.count) files"
      let what = source.pattern == "-" ? "standard input" : "\(source.pattern), \(files)"
      return "source \(what), \(FormatReader.name(source.format))"
    case .steps(let steps):
      return "steps " + steps.map(name).joined(separator: ", ")
    case .sink(let sink):
      switch sink.target {
      case .file(let file):
        return "sink \(file.shown), \(FormatReader.name(sink.format)), existing: \(file.existing.rawValue)"
      case .sqlite(let table):
        return "sink table \(table.table) of \(table.shown), existing: \(table.existing.rawValue)"
      case .discard: return "sink that keeps nothing"
      case .standardOutput: return "sink standard output, \(FormatReader.name(sink.format))"
      }
    case .deadLetters: return "keeps dead letters"
    }
  }

  private static func name(_ step: StepPlan) -> String {
    switch step {
    case .filter: "filter"
    case .map: "map"
    case .lookup(let lookup): "lookup in \(lookup.table.shown)"
    }
  }
}
