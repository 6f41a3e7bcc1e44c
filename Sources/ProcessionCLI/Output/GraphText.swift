import PipelineFile

/// A plan's graph for people and for Graphviz.
enum GraphText {
  static func text(_ plan: Plan) -> String {
    let rows = plan.declaredStages.map { stage in
      [
        stage.name,
        stage.upstream.isEmpty
          ? "" : "from " + stage.upstream.map { plan.stages[$0].name }.joined(separator: ", "),
        stage.workers == 1 ? "1 worker" : "\(stage.workers) workers",
        stage.startMethod.rawValue, work(stage),
      ]
    }
    return ([plan.name] + Columns.lines(rows).map { "  " + $0 } + letters(plan)).joined(separator: "\n")
  }

  static func dot(_ plan: Plan) -> String {
    var lines = ["digraph \(quoted(plan.name)) {", "  rankdir=LR;", "  node [shape=box];"]
    for stage in plan.declaredStages {
      let workers = stage.workers == 1 ? "" : " ×\(stage.workers)"
      lines.append("  \(quoted(stage.name)) [label=\(quoted("\(stage.name)\(workers)\n\(work(stage))"))];")
    }
    for stage in plan.declaredStages {
      for next in stage.downstream {
        lines.append("  \(quoted(stage.name)) -> \(quoted(plan.stages[next].name));")
      }
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Where dead letters go: a stage that no file declares.
  private static func letters(_ plan: Plan) -> [String] {
    let senders = plan.stages.filter { $0.errors.onError == .deadLetter }.map(\.name)
    if senders.isEmpty { return [] }
    return ["  dead letters of \(senders.joined(separator: ", ")): in the state folder's dead-letters.sqlite"]
  }

  private static func work(_ stage: StagePlan) -> String {
    switch stage.work {
    case .source(let source):
      let verb = source.follow ? "follows" : source.spool ? "spools" : "reads"
      let what = source.pattern == "-" ? "standard input" : source.pattern
      return "\(verb) \(what) as \(format(source.format))"
    case .steps(let steps):
      return steps.map { step in
        if case .lookup(let lookup) = step { return "lookup \(lookup.field)" }
        return step.kind
      }.joined(separator: ", ")
    case .userSource(let source): return "reads \(source.use.name)"
    case .custody(let use): return "keeps state in \(use.name)"
    case .sink(let sink):
      switch sink.target {
      case .file(let file):
        return "writes \(file.shownNames(workers: stage.workers).pattern) as \(format(sink.format))"
      case .sqlite(let table): return "writes table \(table.table) of \(table.shown)"
      case .discard: return "discards"
      case .user(let use): return "writes \(use.name)"
      case .standardOutput: return "writes standard output as \(format(sink.format))"
      }
    case .letters(let letters): return "puts dead letters of \(letters.stage) back in"
    case .deadLetters: return "keeps what the others can't work on"
    }
  }

  private static func format(_ format: FileFormat) -> String {
    switch format {
    case .csv: "csv"
    case .jsonLines: "jsonl"
    case .lines: "lines"
    }
  }

  private static func quoted(_ text: String) -> String {
    var escaped = "\""
    for character in text {
      switch character {
      case "\"", "\\": escaped += "\\\(character)"
      case "\n": escaped += "\\n"
      default: escaped.append(character)
      }
    }
    return escaped + "\""
  }
}
