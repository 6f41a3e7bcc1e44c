import Glibc
import Testing

import PipelineFile

@Suite struct FileDiagnosticsTests {
  static let cases: [Said] = [
    Said(
      "missing", withSource("{ file: data/none.csv }"),
      "p.yaml:3:21: error: the file 'data/none.csv' does not exist; paths start at $DIR"),
    Said(
      "missing absolute", withSource("{ file: /none/none.csv }"),
      "p.yaml:3:21: error: the file '/none/none.csv' does not exist"),
    Said(
      "folder", withSource("{ file: { path: data, format: csv } }"),
      "p.yaml:3:29: error: 'data' is a folder; name its files, such as 'data/*.csv'"),
    Said(
      "device", withSource("{ file: { path: /dev/null, format: csv } }"),
      "p.yaml:3:29: error: '/dev/null' is no regular file, so it cannot be read again after a restart; write '-' and redirect it to standard input"
    ),
    Said(
      "pipe", withSource("{ file: { path: fifo, format: csv } }"),
      "p.yaml:3:29: error: 'fifo' is no regular file, so it cannot be read again after a restart; write '-' and redirect it to standard input"
    ),
    Said(
      "empty glob", withSource("{ file: 'data/*.tsv' }"),
      "p.yaml:3:21: error: no file matches 'data/*.tsv'; paths start at $DIR"),
    Said(
      "deep glob", withSource("{ file: 'data/**/*.csv' }"),
      "p.yaml:3:21: error: '**' is not available; write one '*' for each level of folders"),
    Said(
      "glob with a folder", withSource("{ file: { path: '*a', format: csv } }"),
      "p.yaml:3:29: error: 'data' is a folder; name its files, such as 'data/*.csv'"),
    Said(
      "tilde", withSource("{ file: ~/x.csv }"),
      "p.yaml:3:21: error: '~' has no meaning here; write ${HOME}/x.csv"),
    Said(
      "compressed", withSource("{ file: data/flights.csv.gz }"),
      "p.yaml:3:21: error: compressed files are not available in this version; unpack it, or unpack it into standard input ('-')",
      "p.yaml:3:21: error: the file 'data/flights.csv.gz' does not exist; paths start at $DIR"),
    Said(
      "sink folder", withSink("{ file: { path: data, format: csv } }"),
      "p.yaml:4:27: error: 'data' is a folder; add the name of a file"),
    Said(
      "sink folder by slash", withSink("{ file: { path: out/, format: csv } }"),
      "p.yaml:4:27: error: 'out/' is a folder; add the name of a file"),
    Said(
      "sink in the way", withSink("{ file: data/log.jsonl/out.csv }"),
      "p.yaml:4:19: error: 'data/log.jsonl' is in the way: it is no folder; choose another path"),
    Said(
      "sink device", withSink("{ file: { path: /dev/null, format: csv } }"),
      "p.yaml:4:27: error: '/dev/null' is no regular file, so it cannot be repaired after a restart; write 'sink: stdout' and redirect it"
    ),
    Said(
      "sink onto its input", withSink("{ file: ./data/../data/flights.csv }"),
      "p.yaml:4:19: error: 'data/flights.csv' is read by stage 'r'; write to another file"),
    Said(
      "table missing", withStage("steps: [{ lookup: { table: no.csv, key: .a, as: b } }]"),
      "p.yaml:4:32: error: the file 'no.csv' does not exist; paths start at $DIR"),
    Said(
      "secret in the file", "secrets: { db: hunter2 }\n" + withSink("stdout"),
      "p.yaml:1:16: error: secret 'db' stands in the file; write '{ env: NAME }' or '{ file: path }'"),
    Said(
      "secret unset",
      "secrets: { db: { env: NOPE }, f: { file: nope }, g: { env: N, file: data/odd.dat } }\n"
        + withSink("stdout"),
      "p.yaml:1:23: error: the environment has no 'NOPE', which secret 'db' is; set it",
      "p.yaml:1:42: error: the file 'nope' does not exist; paths start at $DIR",
      "p.yaml:1:53: error: secret 'g' needs one of 'env' and 'file'; write '{ env: NAME }' or '{ file: path }'"
    ),
    Said(
      "ends",
      """
      stages:
        a: { source: { file: { path: '-', format: csv } } }
        b: { source: { file: { path: '-', format: csv } } }
        c: { from: [a, b], sink: stdout }
        d: { from: a, sink: stdout }
        e: { from: a, sink: { file: o.csv } }
        f: { from: b, sink: { file: ./x/../o.csv } }
      """,
      "p.yaml:3:32: error: stage 'a' reads standard input already; read it once, and let both follow that stage",
      "p.yaml:5:23: error: stage 'c' writes to standard output already; let one sink follow both: 'from: [a, b]'",
      "p.yaml:7:31: error: stage 'e' writes 'o.csv' already; let one sink follow both: 'from: [a, b]'"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    let workspace = Workspace()
    mkfifo(workspace.path + "/fifo", 0o644)
    #expect(workspace.said(about: said.text) == said.expected)
  }

  @Test func aGlobIsExpandedInByteOrder() throws {
    let workspace = Workspace()
    workspace.write("data/Z.csv", "a\n")
    let plan = try workspace.load(text: withSource("{ file: 'd*/[Zfm]*.csv' }")).get().plan
    guard case .source(let source) = plan.stages[0].work else { throw Unexpected() }
    #expect(source.files.map(\.shown) == ["data/Z.csv", "data/flights.csv", "data/more.csv"])
    #expect(source.files.map(\.path) == source.files.map { workspace.path + "/" + $0.shown })
    #expect(source.files.map(\.size) == [2, 8, 8])
    #expect(source.pattern == "d*/[Zfm]*.csv")
  }

  @Test func aFolderNamedLikeAGlobIsTakenAsItIs() throws {
    let workspace = Workspace()
    mkdir(workspace.path + "/od*d[1]", 0o755)
    workspace.write("od*d[1]/x.csv", "a\n")
    workspace.write("od*d[1]/p.yaml", withSource("{ file: '*.csv' }"))
    let plan = try workspace.load("od*d[1]/p.yaml").get().plan
    guard case .source(let source) = plan.stages[0].work else { throw Unexpected() }
    #expect(source.files.map(\.shown) == ["od*d[1]/x.csv"])
    #expect(plan.directory == workspace.path + "/od*d[1]")
  }
}

struct Unexpected: Error {}
