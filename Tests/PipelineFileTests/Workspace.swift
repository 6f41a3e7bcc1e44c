import Glibc
import PipelineFile
import TestSupport
import Testing

/// A folder of its own with a pipeline file `p.yaml` and some data, removed at the end.
final class Workspace {
  private let folder = TemporaryFolder()
  var path: String { folder.path }
  var environment = ["HOME": "/home/me", "EMPTY": "", "N": "7", "CSV": "data/flights.csv"]

  init() {
    mkdir(path + "/data", 0o755)
    write("data/flights.csv", "a,b\n1,2\n")
    write("data/more.csv", "a,b\n3,4\n")
    write("data/airlines.csv", "carrier,name\nAA,American\n")
    write("data/log.jsonl", "{}\n")
    write("data/odd.dat", "x\n")
  }

  func write(_ name: String, _ text: String) { folder.write(name, text) }

  func write(_ name: String, _ bytes: [UInt8]) { folder.write(name, bytes) }

  func load(_ file: String = "p.yaml", overlays: [String] = []) -> Result<LoadedPipeline, PipelineErrors> {
    PipelineFile.load(
      path: file, overlays: overlays, environment: environment, currentDirectory: path, checker: fakeChecker)
  }

  func load(text: String) -> Result<LoadedPipeline, PipelineErrors> {
    write("p.yaml", text)
    return load()
  }

  /// The summaries of all that is said about a file, the workspace's own path as `$DIR`.
  func said(about text: String) -> [String] {
    write("p.yaml", text)
    return said()
  }

  func said(overlays: [String] = []) -> [String] {
    let diagnostics: [Diagnostic]
    switch load(overlays: overlays) {
    case .success(let loaded): diagnostics = loaded.warnings
    case .failure(let errors): diagnostics = errors.diagnostics
    }
    return diagnostics.map { withoutFolder($0.summary) }
  }

  private func withoutFolder(_ text: String) -> String {
    var text = text
    while let range = text.firstRange(of: path) { text.replaceSubrange(range, with: "$DIR") }
    return text
  }
}

/// Stands in for libjq: a program is wrong where it says WRONG, doubtful where it says ODD, and broken where
/// a quote stays open.
@Sendable func fakeChecker(_ program: String, _ variables: [String]) -> JQCheck {
  func offset(of word: String) -> Int? {
    program.firstRange(of: word).map { program.utf8.distance(from: program.startIndex, to: $0.lowerBound) }
  }
  var check = JQCheck()
  if let offset = offset(of: "WRONG") {
    check.error = JQCompileError(message: "WRONG is not defined", offset: offset)
  } else if program.filter({ $0 == "\"" }).count % 2 == 1 {
    check.error = JQCompileError(message: "unterminated string", offset: 0)
  }
  if let offset = offset(of: "ODD") {
    check.warnings = [JQCompileError(message: "ODD is odd", offset: offset)]
  }
  return check
}

/// One case of a table: a file and what is said about it.
struct Said: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var text: String
  var expected: [String]

  init(_ name: String, _ text: String, _ expected: String...) {
    testDescription = name
    self.text = text
    self.expected = expected
  }
}

/// A whole file around the stage `s`, which reads `r` and is read by `w`.
func withStage(_ lines: String) -> String {
  "stages:\n  r: { source: { file: data/flights.csv } }\n  s:\n"
    + lines.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
    + "  w: { sink: stdout }\n"
}

/// A file whose one step of stage `s` stands on line 4.
func withSource(_ source: String) -> String {
  "stages:\n  r:\n    source: \(source)\n  w: { sink: stdout }\n"
}

func withSink(_ sink: String) -> String {
  "stages:\n  r: { source: { file: data/flights.csv } }\n  w:\n    sink: \(sink)\n"
}
