import Testing

import PipelineFile

@Suite struct InterpolationTests {
  static func file(_ vars: String) -> String { "vars: { \(vars) }\n" + withSink("stdout") }

  static let diagnostics: [Said] = [
    Said(
      "unset", file("a: \"${NOPE}\""),
      "p.yaml:1:13: error: the environment has no 'NOPE'; set it, or write ${NOPE:-default}"),
    Said(
      "unset in the middle", file("a: \"ä\\t${NOPE}\""),
      "p.yaml:1:17: error: the environment has no 'NOPE'; set it, or write ${NOPE:-default}"),
    Said(
      "message", file("a: \"${NOPE:?say where}\", b: \"${EMPTY:?}\""),
      "p.yaml:1:13: error: 'NOPE' is not set: say where; set it",
      "p.yaml:1:38: error: 'EMPTY' is not set; set it"),
    Said(
      "never closed", file("a: \"x${NOPE\""),
      "p.yaml:1:14: error: '${' is never closed; write '}', or '$${' for the text '${'"),
    Said(
      "no name", file("a: \"${1}\", b: \"${}\", c: \"${N:+x}\""),
      "p.yaml:1:13: error: '1' is no name of a variable; write ${NAME} for the environment or ${vars.name}",
      "p.yaml:1:24: error: '' is no name of a variable; write ${NAME} for the environment or ${vars.name}",
      "p.yaml:1:34: error: '${N:+x}' is no reference; write ${NAME}, ${NAME:-default} or ${NAME:?message}"),
    Said(
      "variable in a variable", file("a: 1, b: \"${vars.a}\""),
      "p.yaml:1:19: error: a variable cannot use another; use the environment, or a YAML anchor and its alias"
    ),
    Said(
      "unknown variable", "vars: { count: 1 }\n" + withSink("{ file: \"${vars.cuont}.csv\" }"),
      "p.yaml:5:20: error: there is no variable 'cuont'; did you mean 'count'?"),
    Said(
      "variable without vars.", "vars: { out: x }\n" + withSink("{ file: \"${out}.csv\" }"),
      "p.yaml:5:20: error: the environment has no 'out'; did you mean ${vars.out}?"),
    Said(
      "variable of a kind", "vars: { a: [1], b: null }\n" + withSink("{ file: \"${vars.a}${vars.b}.csv\" }"),
      "p.yaml:5:20: error: the variable 'a' is a list; only texts, numbers and booleans fit in a text",
      "p.yaml:5:29: error: the variable 'b' is null; write ${vars.b:-default}"),
    Said(
      "secret", "secrets: { db: { env: N } }\n" + withSink("{ file: \"${secrets.db}.csv\" }"),
      "p.yaml:5:20: error: the secret 'db' cannot be used here; secrets are for connections, such as a url or a password; no stage of this version takes one"
    ),
    Said(
      "names", "vars: { a-b: 1 }\n" + withSink("stdout"),
      "p.yaml:1:9: error: 'a-b' is no name of a variable; write letters, digits and '_', as for jq's $vars.name"
    ),
    Said(
      "vars a list", "vars: [a]\n" + withSink("stdout"),
      "p.yaml:1:7: error: 'vars' is a mapping, and this is a list; write 'name: value'"),
  ]

  @Test(arguments: diagnostics) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }

  static let values: [(String, String)] = [
    ("15", "15"), ("-1.5e3", "-1.5e3"), ("\"15\"", "\"15\""), ("'15'", "\"15\""), ("007", "\"007\""),
    ("+1", "\"+1\""), ("1_000", "\"1_000\""), ("0x10", "\"0x10\""), ("1:30", "\"1:30\""), (".5", "\".5\""),
    ("1.", "\"1.\""), ("NO", "\"NO\""), ("true", "true"), ("True", "\"True\""), ("null", "null"),
    ("~", "\"~\""),
    ("", "null"), ("!!str 5", "\"5\""), ("[1, [a], { b: false }]", "[1,[\"a\"],{\"b\":false}]"),
    ("\"tab\\tä\\u0001\"", "\"tab\\tä\\u0001\""), ("${N}", "7"), ("\"${N}\"", "\"7\""),
    ("\"$${N} $N $$\"", "\"${N} $N $$\""), ("\"$$${N}\"", "\"$${N}\""), ("${NOPE:-3}", "3"),
    ("${EMPTY:-x}", "\"x\""), ("\"${EMPTY}\"", "\"\""), ("\"${NOPE:-a${N}b}\"", "\"a7b\""),
    ("\"${N:?needed}\"", "\"7\""), ("\"${NOPE:-}\"", "\"\""),
  ]

  @Test(arguments: values) func types(_ value: (written: String, json: String)) throws {
    let text = "vars:\n  a: \(value.written)\n" + withSink("stdout")
    #expect(try Workspace().load(text: text).get().plan.vars == [.init(name: "a", json: value.json)])
  }

  @Test func variablesFillTexts() throws {
    let text =
      "vars: { dir: \"${OUT:-out}\", n: 3, deep: { er: x } }\nstages:\n"
      + "  r: { source: { file: \"${CSV}\" } }\n  s: { workers: \"${vars.n}\", steps: [{ map: '\"${vars.n}\"' }] }\n"
      + "  w: { sink: { file: \"${vars.dir}/${vars.deep.er}-${vars.no:-d}.csv\" } }\n"
    let plan = try Workspace().load(text: text).get().plan
    #expect(plan.stages[1].workers == 3)
    guard case .steps(let steps) = plan.stages[1].work, case .map(let jq) = steps[0] else {
      throw Unexpected()
    }
    #expect(jq.program == "\"${vars.n}\"")
    guard case .sink(let sink) = plan.stages[2].work, case .file(let file) = sink.target else {
      throw Unexpected()
    }
    #expect(file.shown == "out/x-d.csv")
  }
}
