import PipelineFile

/// `procession.plan/1`: what `validate --json` and `graph --json` print.
struct PlanDocument: Encodable {
  let schema = "procession.plan/1"
  let valid = true
  let plan: Plan
  let warnings: [DiagnosticsDocument.Entry]
  let explanation: [String]

  init(_ loaded: LoadedPipeline) {
    plan = loaded.plan
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
