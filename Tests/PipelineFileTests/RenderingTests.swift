import Testing

import PipelineFile

@Suite struct RenderingTests {
  @Test func theCaretStandsBelowTheCharacter() {
    let workspace = Workspace()
    guard
      case .failure(let errors) = workspace.load(
        text: "vars: { x: { ä: 1, ö: \"é${NOPE}\" } }\n" + withSink("stdout"))
    else { return #expect(Bool(false)) }
    #expect(
      errors.description == """
        p.yaml:1:28: error: the environment has no 'NOPE'; set it, or write ${NOPE:-default}
          vars: { x: { ä: 1, ö: "é${NOPE}" } }
                                  ^
        """)
  }

  @Test func tabsAreKept() {
    let diagnostic = Diagnostic(
      severity: .warning, position: .init(file: "f", line: 3, column: 4), message: "what", remedy: "",
      sourceLine: "a\tb!")
    #expect(diagnostic.rendered == "f:3:4: warning: what\n  a\tb!\n   \t ^")
  }

  @Test func whatTheEnvironmentHoldsCannotWriteToTheTerminal() {
    let workspace = Workspace()
    workspace.environment["N"] = "\u{1B}[31m\n" + String(repeating: "x", count: 100)
    let said = workspace.said(about: withStage("workers: ${N}\nsteps: [{ map: . }]"))
    #expect(
      said == [
        "p.yaml:4:14: error: 'workers': '\\u{1b}[31m\\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is no whole number; write one from 1 to 256"
      ])
  }
}
