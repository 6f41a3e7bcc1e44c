import Testing

import PipelineFile

@Suite struct JQDiagnosticsTests {
  static let cases: [Said] = [
    Said("plain", withStage("steps:\n- map: .a | WRONG"), "p.yaml:5:17: error: jq: WRONG is not defined"),
    Said(
      "plain on two lines", withStage("steps:\n- map: .a |\n     WRONG"),
      "p.yaml:6:10: error: jq: WRONG is not defined"),
    Said(
      "single quotes", withStage("steps:\n- map: '.a | ''x'' | WRONG'"),
      "p.yaml:5:26: error: jq: WRONG is not defined"),
    Said(
      "double quotes", withStage("steps:\n- map: \"\\\"ä\\u00e4\\\" | WRONG\""),
      "p.yaml:5:28: error: jq: WRONG is not defined"),
    Said(
      "literal", withStage("steps:\n- map: |\n\n    { a: .b,\n      c: WRONG }"),
      "p.yaml:8:14: error: jq: WRONG is not defined"),
    Said(
      "literal with an indicator", withStage("steps:\n- map: |2\n      .a |\n     WRONG"),
      "p.yaml:7:10: error: jq: WRONG is not defined"),
    Said(
      "folded", withStage("steps:\n- map: >-\n    .a\n    | .b\n\n    | WRONG"),
      "p.yaml:9:11: error: jq: WRONG is not defined"),
    Said(
      "folded, indented more", withStage("steps:\n- map: >\n    .a\n      | .b\n    | WRONG"),
      "p.yaml:8:11: error: jq: WRONG is not defined"),
    Said(
      "anchor", withStage("steps:\n- map: &prog .a | WRONG"), "p.yaml:5:23: error: jq: WRONG is not defined"),
    Said(
      "anchored block", withStage("steps:\n- map: &prog |\n    .a | WRONG"),
      "p.yaml:6:14: error: jq: WRONG is not defined"),
    Said(
      "characters", withStage("steps:\n- map: .ä | WRONG"), "p.yaml:5:18: error: jq: WRONG is not defined"),
    Said("comment", withStage("steps:\n- filter: .a  # fine")),
    Said(
      "cut by a comment", withStage("steps:\n- map: .tag + \" #1\""),
      "p.yaml:5:21: error: YAML takes this '#' for the beginning of a comment, and the jq program before it is broken: jq: unterminated string; write the program under '|'"
    ),
    Said(
      "mapping", withStage("steps:\n- map: {a, b: c}"),
      "p.yaml:5:12: error: YAML reads the program of 'map' as a mapping; write the program under '|'"),
    Said(
      "sequence", withStage("steps:\n- map: [.a]"),
      "p.yaml:5:12: error: YAML reads the program of 'map' as a list; write the program under '|'"),
    Said(
      "nothing", withStage("steps:\n- map:\n- filter: ''"),
      "p.yaml:5:11: error: 'map' has no program; write a jq program",
      "p.yaml:6:15: error: 'filter' has no program; write a jq program"),
    Said("warning", withStage("steps:\n- map: .a | ODD"), "p.yaml:5:17: warning: jq: ODD is odd"),
    Said("not interpolated", withStage("steps:\n- map: .a | \"${NOPE}\"")),
    Said(
      "all in one go",
      withStage(
        "steps:\n- map: WRONG\n- filter: .a | WRONG\n- lookup: { table: data/airlines.csv, key: WRONG, as: x }"
      ), "p.yaml:5:12: error: jq: WRONG is not defined",
      "p.yaml:6:20: error: jq: WRONG is not defined",
      "p.yaml:7:48: error: jq: WRONG is not defined"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }
}
