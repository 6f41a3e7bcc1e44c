import Glibc
import Testing

import PipelineFile

/// A folder of its own with a pipeline file `p.yaml` and some data, removed at the end.
final class Workspace {
  let path: String
  var environment = ["HOME": "/home/me", "EMPTY": "", "N": "7", "CSV": "data/flights.csv"]

  init() {
    var template = Array("/tmp/pipefile-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    mkdir(path + "/data", 0o755)
    write("data/flights.csv", "a,b\n1,2\n")
    write("data/more.csv", "a,b\n3,4\n")
    write("data/airlines.csv", "carrier,name\nAA,American\n")
    write("data/log.jsonl", "{}\n")
    write("data/odd.dat", "x\n")
  }

  deinit { remove(path) }

  func write(_ name: String, _ text: String) { write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) {
    let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
  }

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

  private func remove(_ folder: String) {
    guard let directory = opendir(folder) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let child = folder + "/" + name
      if unlink(child) != 0 { remove(child) }
    }
    closedir(directory)
    rmdir(folder)
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
