import Glibc
import Testing

import PipelineFile

/// What is said about the workers of sources, and about those that follow or are spooled.
@Suite struct SourceDiagnosticsTests {
  static let stdin = "{ file: { path: '-', format: lines"
  static func followed(_ lines: String...) -> String {
    "stages:\n  t: { source: { file: { path: data/log.jsonl, follow: true } } }\n"
      + "  r: { source: { file: data/flights.csv } }\n" + lines.map { "  \($0)\n" }.joined()
  }
  static let cases: [Said] = [
    Said("workers", withSource("{ file: 'data/*s.csv' }\n    workers: 2")),
    Said(
      "more workers than files", withSource("{ file: 'data/*s.csv' }\n    workers: 3"),
      "p.yaml:4:14: error: stage 'r' has 3 workers for 2 files, and each file is read by one; write at most 2"
    ),
    Said(
      "workers of one file", withSource("{ file: data/flights.csv }\n    workers: 2"),
      "p.yaml:4:14: error: stage 'r' has 2 workers for 1 file, and each file is read by one; remove 'workers'"
    ),
    Said(
      "workers of standard input", withSource(stdin + " } }\n    workers: 2"),
      "p.yaml:4:14: error: standard input is read by one worker; remove 'workers'"),
    Said(
      "workers that follow", withSource("{ file: { path: data/log.jsonl, follow: true } }\n    workers: 2"),
      "p.yaml:4:14: error: a followed file is read by one worker; remove 'workers'"),
    Said(
      "workers of what is missing", withSource("{ file: data/no.csv }\n    workers: 2"),
      "p.yaml:3:21: error: the file 'data/no.csv' does not exist; paths start at $DIR"),
    Said("follow", withSource("{ file: { path: data/log.jsonl, follow: true } }")),
    Said("follow what is not there", withSource("{ file: { path: data/new.jsonl, follow: true } }")),
    Said("do not follow", withSource("{ file: { path: data/log.jsonl, follow: false, spool: false } }")),
    Said(
      "follow what has no folder", withSource("{ file: { path: logs/new.jsonl, follow: true } }"),
      "p.yaml:3:29: error: the folder 'logs' does not exist; make it, or correct the path"),
    Said(
      "follow a folder", withSource("{ file: { path: data, format: lines, follow: true } }"),
      "p.yaml:3:29: error: 'data' is a folder; name its files, such as 'data/*.csv'"),
    Said(
      "follow yes", withSource("{ file: { path: data/log.jsonl, follow: yes } }"),
      "p.yaml:3:53: error: 'follow': 'yes' is no boolean; write true or false"),
    Said(
      "follow standard input", withSource(stdin + ", follow: true } }"),
      "p.yaml:3:57: error: standard input is read until it ends, as it is; remove 'follow'"),
    Said(
      "follow a pattern", withSource("{ file: { path: 'data/*.jsonl', follow: true } }"),
      "p.yaml:3:53: error: one file can be followed, and 'data/*.jsonl' is a pattern; name the file"),
    Said("spool", withSource(stdin + ", spool: true } }")),
    Said(
      "spool a file", withSource("{ file: { path: data/log.jsonl, spool: true } }"),
      "p.yaml:3:52: error: 'data/log.jsonl' can be read again, so nothing of it needs to be kept; remove 'spool'"
    ),
    Said(
      "spool and follow", withSource("{ file: { path: data/log.jsonl, spool: true, follow: true } }"),
      "p.yaml:3:52: error: 'data/log.jsonl' can be read again, so nothing of it needs to be kept; remove 'spool'"
    ),
    Said(
      "unknown", withSource("{ file: { path: data/log.jsonl, folow: true } }"),
      "p.yaml:3:45: error: unknown key 'folow' in 'file' of stage 'r'; did you mean 'follow'? known: path, follow, spool, csv, jsonl, lines, format"
    ),
    Said(
      "an end that never comes",
      followed("s: { from: [t, r], steps: [{ map: . }] }", "w: { from: s, order: source, sink: stdout }"),
      "p.yaml:5:24: error: stage 'w' waits for an end that never comes: stage 't' never ends; write 'order: any'"
    ),
    Said("any order", followed("w: { from: [t, r], order: any, sink: stdout }")),
    Said("no order said", followed("w: { from: [t, r], sink: stdout }")),
    Said(
      "the only source of a sink",
      followed(
        "w: { from: t, order: source, sink: stdout }", "x: { from: r, order: source, sink: { file: o.csv } }")
    ),
    Said(
      "written over what it follows",
      "stages:\n  r: { source: { file: { path: data/new.csv, follow: true } } }\n  w: { sink: { file: ./data/new.csv } }\n",
      "p.yaml:3:22: error: 'data/new.csv' is read by stage 'r'; write to another file"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }

  private func source(_ text: String) throws -> FileSourcePlan {
    let plan = try Workspace().load(text: withSource(text)).get().plan
    guard case .source(let source) = plan.stages[0].work else { throw Unexpected() }
    return source
  }

  @Test func sourcesArePlanned() throws {
    let followed = try source("{ file: { path: data/log.jsonl, follow: true } }")
    #expect(followed.follow && !followed.spool && followed.files.map(\.size) == [3])
    let missing = try source("{ file: { path: data/new.jsonl, follow: true } }")
    #expect(missing.files.map(\.shown) == ["data/new.jsonl"])
    #expect(missing.files.map { [$0.size, $0.device, $0.inode, $0.modified] } == [[0, 0, 0, 0]])
    let spooled = try source(Self.stdin + ", spool: true } }")
    #expect(spooled.spool && !spooled.follow && spooled.files.isEmpty)
  }

  @Test func theOrderOfASinkThatGetsEndlessRecordsIsAny() throws {
    func orders(_ lines: String...) throws -> [SinkPlan.Order] {
      let text = "stages:\n" + lines.map { "  \($0)\n" }.joined()
      return try Workspace().load(text: text).get().plan.stages.compactMap {
        if case .sink(let sink) = $0.work { sink.order } else { nil }
      }
    }
    let tail = "t: { source: { file: { path: data/log.jsonl, follow: true } } }"
    let read = "r: { source: { file: data/flights.csv } }"
    #expect(
      try orders(
        tail, read, "s: { from: [t, r], steps: [{ map: . }] }", "a: { from: s, sink: stdout }",
        "b: { from: t, sink: { file: o.csv } }", "c: { from: r, sink: discard }") == [.any, .source, .source])
  }
}
