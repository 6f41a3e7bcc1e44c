/// Shows what a pipeline file means.
package enum PlanExplanation {
  /// Each stage with its start method and why, then every default that was filled in; one fact a line.
  package static func explain(_ loaded: LoadedPipeline) -> [String] {
    let plan = loaded.plan
    var lines = ["pipeline \(plan.name) (\(plan.file))"]
    if plan.strategy != .oneForOne { lines.append("  strategy: \(plan.strategy.rawValue)") }
    lines += defaults(of: "the pipeline", in: loaded)
    for stage in plan.declaredStages {
      lines.append("")
      lines.append("stage \(stage.name): \(work(of: stage))")
      lines.append("  start method: \(stage.startMethod.rawValue) (\(stage.startMethodReason))")
      lines.append("  workers: \(stage.workers)")
      if let key = stage.key { lines.append("  key: \(key.program.trimmed)") }
      if !stage.upstream.isEmpty {
        lines.append("  from: \(stage.upstream.map { plan.stages[$0].name }.joined(separator: ", "))")
      }
      lines.append("  restart: \(RestartReader.shown(stage.restart))")
      if let limits = LimitsReader.shown(stage.limits) { lines.append("  limits: \(limits)") }
      if let errors = errors(of: stage) { lines.append("  on error: \(errors)") }
      lines += defaults(of: "stage '\(stage.name)'", in: loaded)
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

  private static func errors(of stage: StagePlan) -> String? {
    if stage.work.isSource { return nil }
    let deaths = stage.errors.attempts == 1 ? "1 death" : "\(stage.errors.attempts) deaths"
    let deadline = stage.errors.deadline.map { ", at most \(DurationText.format($0)) a batch" } ?? ""
    return "\(stage.errors.onError.rawValue), record by record after \(deaths)\(deadline)"
  }

  private static func work(of stage: StagePlan) -> String {
    switch stage.work {
    case .source(let source):
      let files = source.files.count == 1 ? "1 file" : "\(source.files.count) files"
      let what = source.pattern == "-" ? "standard input" : "\(source.pattern), \(files)"
      let way = source.follow ? ", followed" : source.spool ? ", spooled" : ""
      return "source \(what), \(FormatReader.name(source.format))\(way)"
    case .userSource(let source): return "source \(shown(source.use))"
    case .custody(let use): return "step with state \(shown(use))"
    case .steps(let steps):
      return "steps " + steps.map(name).joined(separator: ", ")
    case .sink(let sink):
      return "sink \(target(of: sink, workers: stage.workers)), order: \(sink.order.rawValue)"
    case .letters(let letters): return "source dead letters of \(letters.stage)"
    case .deadLetters: return "keeps dead letters"
    }
  }

  private static func target(of sink: SinkPlan, workers: Int) -> String {
    let format = FormatReader.name(sink.format)
    switch sink.target {
    case .file(let file):
      let rotation = file.rotation.map { ", rotated \(RotationReader.shown($0))" } ?? ""
      let path = file.shownNames(workers: workers).pattern
      return "\(path), \(format), existing: \(file.existing.rawValue)\(rotation)"
    case .sqlite(let table):
      let key = table.key.isEmpty ? "" : ", key: \(table.key.joined(separator: ", "))"
      return "table \(table.table) of \(table.shown)\(key), existing: \(table.existing.rawValue)"
    case .discard: return "that keeps nothing"
    case .user(let use): return shown(use)
    case .standardOutput: return "standard output, \(format)"
    }
  }

  /// `tidy { limit: 5 }`.
  private static func shown(_ use: UsePlan) -> String { "\(use.name) \(use.settings.shown)" }

  private static func name(_ step: StepPlan) -> String {
    if case .use(let use) = step { return shown(use) }
    if case .lookup(let lookup) = step { return "lookup in \(lookup.table.shown)" }
    if case .exec(let exec) = step { return "exec \(exec.shown) per \(exec.per.rawValue)" }
    return step.kind
  }
}

extension String {
  /// On one line, without blanks at its ends.
  fileprivate var trimmed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
