import PipelineFile

/// `procession.plan/1`: what `validate --json` and `graph --json` print.
///
/// Its plan holds the stages that the file declares.
struct PlanDocument: Encodable {
  let schema = "procession.plan/1"
  let valid = true
  let plan: Plan
  let warnings: [DiagnosticsDocument.Entry]
  let explanation: [String]
  /// What `validate` says of an earlier run's state; left out where there is none.
  let state: State?

  struct State: Encodable {
    struct Change: Encodable {
      let message: String
      let file: String?
      let line: Int?
      let column: Int?
    }
    let keeps: Bool
    let changes: [Change]
  }

  init(_ loaded: LoadedPipeline, state verdict: StateVerdict? = nil) {
    state = verdict.map { verdict in
      let changes = verdict.changes.map { change in
        State.Change(
          message: change.message, file: change.position?.file, line: change.position?.line,
          column: change.position?.column)
      }
      return State(keeps: verdict.keeps, changes: changes)
    }
    var declared = loaded.plan
    declared.stages = declared.declaredStages
    plan = declared
    warnings = loaded.warnings.map { DiagnosticsDocument.Entry($0) }
    explanation = PlanExplanation.explain(loaded)
  }
}

/// `procession.diagnostics/1`: what is wrong with a pipeline file.
struct DiagnosticsDocument: Encodable {
  struct Entry: Encodable {
    let severity: String
    let file: String
    let line: Int
    let column: Int
    let message: String
    let remedy: String

    init(_ diagnostic: Diagnostic) {
      severity = diagnostic.severity.rawValue
      file = diagnostic.position.file
      line = diagnostic.position.line
      column = diagnostic.position.column
      message = diagnostic.message
      remedy = diagnostic.remedy
    }
  }

  let schema = "procession.diagnostics/1"
  let valid = false
  let diagnostics: [Entry]

  init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics.map { Entry($0) } }
}
