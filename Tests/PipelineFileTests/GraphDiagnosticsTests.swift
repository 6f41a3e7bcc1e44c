import Testing

import PipelineFile

@Suite struct GraphDiagnosticsTests {
  static func file(_ lines: String...) -> String {
    "stages:\n" + lines.map { "  \($0)\n" }.joined()
  }
  static let source = "source: { file: data/log.jsonl }"
  static let cases: [Said] = [
    Said(
      "diamond",
      file(
        "a: { \(source) }", "b: { from: a, steps: [{ map: . }] }", "c: { from: a, steps: [{ map: . }] }",
        "d: { from: [b, c], sink: stdout }")),
    Said(
      "begins with steps", file("a: { steps: [{ map: . }] }", "b: { sink: stdout }"),
      "p.yaml:1:1: error: no stage has a 'source'; add one that reads a file",
      "p.yaml:2:3: error: stage 'a' has nothing to read; begin with a stage that has 'source'"),
    Said(
      "after a sink", file("a: { \(source) }", "b: { sink: stdout }", "c: { sink: { file: o.csv } }"),
      "p.yaml:4:3: error: stage 'c' cannot follow the sink 'b'; write 'from: ...' in every stage but sources"),
    Said(
      "unread", file("a: { \(source) }", "b: { \(source) }", "c: { sink: stdout }"),
      "p.yaml:2:3: error: nothing reads stage 'a'; add 'from: a' to another stage, or remove it"),
    Said(
      "unread steps",
      file("a: { \(source) }", "b: { from: a, steps: [{ map: . }] }", "c: { from: a, sink: stdout }"),
      "p.yaml:3:3: error: nothing reads stage 'b'; add 'from: b' to another stage, or remove it"),
    Said(
      "unknown", file("read: { \(source) }", "b: { from: raed, sink: stdout }"),
      "p.yaml:3:14: error: there is no stage 'raed'; did you mean 'read'? stages: read, b"),
    Said(
      "unknown, not near", file("read: { \(source) }", "b: { from: [other, read], sink: stdout }"),
      "p.yaml:3:15: error: there is no stage 'other'; stages: read, b"),
    Said(
      "from in a source",
      file("a: { \(source) }", "b: { from: a, \(source) }", "c: { from: [a, b], sink: stdout }"),
      "p.yaml:3:8: error: stage 'b' is a source and reads no stage; remove 'from'"),
    Said(
      "from a sink",
      file("a: { \(source) }", "b: { from: a, sink: stdout }", "c: { from: b, steps: [{ map: . }] }"),
      "p.yaml:4:14: error: 'b' is a sink, which nothing can read; read what it reads"),
    Said(
      "no from", file("a: { \(source) }", "b: { steps: [{ map: . }] }", "c: { from: a, sink: stdout }"),
      "p.yaml:3:3: error: stage 'b' has no 'from'; name the stages that it reads, as the others do"),
    Said(
      "doubled from", file("a: { \(source) }", "b: { from: [a, a], sink: stdout }"),
      "p.yaml:3:18: error: 'from' names 'a' twice; name it once"),
    Said(
      "empty from", file("a: { \(source) }", "b: { from: [], sink: stdout }"),
      "p.yaml:3:14: error: 'from' is an empty list; name a stage"),
    Said(
      "itself",
      file("a: { \(source) }", "b: { from: [a, b], steps: [{ map: . }] }", "c: { from: b, sink: stdout }"),
      "p.yaml:3:8: error: stage 'b' reads itself; break it: records flow from sources to sinks"),
    Said(
      "cycle",
      file(
        "a: { \(source) }", "b: { from: [a, d], steps: [{ map: . }] }", "c: { from: b, steps: [{ map: . }] }",
        "d: { from: c, steps: [{ map: . }] }", "e: { from: d, sink: stdout }"),
      "p.yaml:3:8: error: the stages form a cycle: b -> c -> d -> b; break it: records flow from sources to sinks"
    ),
    Said(
      "no source", file("a: { from: b, steps: [{ map: . }] }", "b: { from: a, steps: [{ map: . }] }"),
      "p.yaml:1:1: error: no stage has a 'source'; add one that reads a file",
      "p.yaml:1:1: error: no stage has a 'sink'; add one that writes a file or to stdout",
      "p.yaml:2:8: error: the stages form a cycle: a -> b -> a; break it: records flow from sources to sinks"),
    Said(
      "no sink", file("a: { \(source) }", "b: { from: a, steps: [{ map: . }] }"),
      "p.yaml:1:1: error: no stage has a 'sink'; add one that writes a file or to stdout",
      "p.yaml:3:3: error: nothing reads stage 'b'; add 'from: b' to another stage, or remove it"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }
}
