import PipelineFile
import Testing

/// Types of a program in its pipeline files: what is told of them, and what the plan holds.
struct UseTests {
  /// A program that brings one of each kind.
  private static let types = UserTypes(
    names: { kind in
      switch kind {
      case .source: ["ticks"]
      case .step: ["tidy", "count"]
      case .sink: ["mail"]
      }
    },
    check: { kind, plan in
      let reader = SettingsReader(plan)
      _ = reader.value("limit", default: (5, "5"), placeholder: 1) { text, _ throws(ScalarProblem) in
        try SettingScalars.integer(text, in: 1...10)
      }
      if kind == .sink { _ = reader.value("to", default: nil, placeholder: "") { text, _ in text } }
      reader.finish()
      var check = UserTypeCheck()
      check.problems = reader.problems
      check.defaults = reader.defaults
      check.keepsState = plan.name == "count"
      return check
    })

  private let workspace = Workspace()

  private func load(_ text: String) -> Result<LoadedPipeline, PipelineErrors> {
    workspace.write("p.yaml", text)
    return PipelineFile.load(
      path: "p.yaml", environment: [:], currentDirectory: workspace.path, checker: { _, _ in JQCheck() },
      userTypes: Self.types)
  }

  private func said(_ text: String) -> [String] {
    guard case .failure(let errors) = load(text) else { return [] }
    return errors.diagnostics.map(\.summary)
  }

  private func pipeline(_ steps: String, sink: String = "discard", stage: String = "") -> String {
    """
    stages:
      read: { source: { use: ticks } }
      work: { \(stage)steps: [\(steps)] }
      write: { sink: \(sink) }

    """
  }

  @Test func `settings and what was left open are in the explanation`() throws {
    let loaded = try load(
      pipeline("{ use: tidy, with: { limit: 7 } }, { use: tidy }", sink: "{ use: mail, with: { to: a } }")
    ).get()
    let lines = PlanExplanation.explain(loaded)
    #expect(lines.contains("stage work: steps tidy { limit: 7 }, tidy {}"))
    #expect(lines.contains("  default limit: 5 ('tidy' in step 2)"))
    #expect(lines.contains("stage read: source ticks {}"))
    #expect(lines.contains("stage write: sink mail { to: a }, order: source"))
    let again = try Plan(canonicalJSON: loaded.plan.canonicalJSON())
    #expect(again == loaded.plan)
  }

  @Test(arguments: [
    (
      "{ use: tidi }", "",
      "p.yaml:3:26: error: no step 'tidi' is registered in this program; did you mean 'tidy'? registered: tidy, count"
    ),
    (
      "{ use: tidy, with: { limt: 3 } }", "",
      "p.yaml:3:40: error: unknown key 'limt' in the settings of 'tidy'; did you mean 'limit'? known: limit"
    ),
    (
      "{ use: tidy, with: { limit: 30 } }", "",
      "p.yaml:3:47: error: 'limit': 30 is out of range; write a number from 1 to 10"
    ),
    (
      "{ use: tidy, with: { limit: [1] } }", "",
      "p.yaml:3:47: error: 'limit' takes a single value here; write one"
    ),
    (
      "{ use: tidy, with: 3 }", "",
      "p.yaml:3:38: error: 'with' must be a mapping, and this is a text; write '{ key: value }'"
    ),
    (
      "{ filter: .a, with: {} }", "",
      "p.yaml:3:33: error: 'with' is for 'use', and step 1 of stage 'work' has 'filter'; remove it"
    ),
    (
      "{ use: count }, { filter: .a }", "",
      "p.yaml:3:19: error: 'count' keeps state, and stage 'work' has other steps as well; make it the only step of a stage"
    ),
    (
      "{ use: count }", "workers: 2, ",
      "p.yaml:3:20: error: 'count' keeps state, and what its workers know must not depend on which of them is free; add 'key: .field', which decides who gets a record, or remove 'workers'"
    ),
  ])
  func `what is wrong is told with its place`(_ steps: String, _ stage: String, _ expected: String) {
    #expect(said(pipeline(steps, stage: stage)) == [expected])
  }

  @Test func `a required setting that is missing is told at the settings`() {
    #expect(
      said(pipeline("{ use: tidy }", sink: "{ use: mail }")) == [
        "p.yaml:4:25: error: the settings of 'mail': 'to' is missing; add 'to: ...'"
      ])
  }

  @Test func `a program without types of its own says how to have some`() {
    workspace.write("p.yaml", pipeline("{ use: tidy }"))
    #expect(
      workspace.said().contains(
        "p.yaml:3:26: error: this program brings no step of its own, and 'tidy' would be one; register it in a program that imports Procession ('procession new NAME' writes one)"
      ))
  }

  @Test func `changed settings change the state's meaning, their order does not`() throws {
    let old = try load(pipeline("{ use: tidy, with: { limit: 7 } }")).get().plan
    let same = try load(pipeline("{ with: { limit: 7 }, use: tidy }")).get().plan
    let new = try load(pipeline("{ use: tidy, with: { limit: 8 } }")).get().plan
    #expect(same.changes(since: old).isEmpty)
    #expect(new.changes(since: old).map(\.message) == ["stage 'work': the settings of 'tidy' changed"])
  }

  @Test func `a pipeline that a program builds is checked like a file, with its own places`() throws {
    func at(_ line: Int) -> SourcePosition { SourcePosition(file: "app/main.swift", line: line, column: 3) }
    func text(_ text: String, _ line: Int) -> SettingNode {
      SettingNode(.text(text, isPlain: false), position: at(line))
    }
    func map(_ line: Int, _ entries: (String, SettingNode)...) -> SettingNode {
      SettingNode(
        .map(entries.map { SettingNode.Entry(key: $0.0, keyPosition: at(line), value: $0.1) }),
        position: at(line))
    }
    let steps = SettingNode(.list([map(3, ("use", text("tidi", 3)))]), position: at(3))
    let document = map(
      1, ("name", text("built", 1)),
      (
        "stages",
        map(
          1, ("read", map(2, ("source", map(2, ("use", text("ticks", 2)))))),
          ("work", map(3, ("steps", steps))), ("write", map(4, ("sink", text("discard", 4)))))
      ))
    let result = PipelineFile.load(
      built: document, name: "built", environment: [:], currentDirectory: workspace.path,
      checker: { _, _ in JQCheck() }, userTypes: Self.types)
    guard case .failure(let errors) = result else {
      Issue.record("nothing was said")
      return
    }
    #expect(
      errors.diagnostics.map(\.rendered) == [
        "app/main.swift:3:3: error: no step 'tidi' is registered in this program; did you mean 'tidy'? registered: tidy, count"
      ])
  }
}
