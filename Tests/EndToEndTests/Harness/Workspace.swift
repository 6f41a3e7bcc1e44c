import Glibc
import POSIXKit
import TestSupport
import Testing

/// A folder of its own for one test: pipelines, inputs, outputs, states and sockets. Removed at the end, with
/// whatever still runs in it.
final class Workspace {
  private let folder = TemporaryFolder()
  var path: String { folder.path }
  /// The run's XDG_RUNTIME_DIR, which no run may leave anything in; also the mark of its processes.
  let runtime: String
  let streams: String
  private var count = 0

  init() {
    runtime = folder.path + "/sockets"
    streams = folder.path + "/streams"
    mkdir(runtime, 0o700)
    mkdir(streams, 0o700)
  }

  deinit {
    for process in processes { process.kill() }
  }

  var processes: [RunProcess] { RunProcess.all(marked: "XDG_RUNTIME_DIR=\(runtime)") }

  func nextNumber() -> Int {
    count += 1
    return count
  }

  subscript(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ text: String) { folder.write(name, text) }

  func write(_ name: String, _ bytes: [UInt8]) { folder.write(name, bytes) }

  func read(_ name: String) -> [UInt8]? { FileBytes.read(self[name]) }

  func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

  /// What lies in a folder of it, in order.
  func names(_ folder: String = ".") -> [String] { self.folder.names(in: folder) }

  func start(
    _ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null",
    program: String = Repository.executable
  ) throws -> PipelineRunner {
    var all = ["PATH": "/usr/bin:/bin", "HOME": path, "XDG_RUNTIME_DIR": runtime]
    all.merge(environment) { $1 }
    return try PipelineRunner(self, program, arguments, environment: all, input: input)
  }

  /// Runs to the end, and expects that nothing is left.
  func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = "/dev/null",
    program: String = Repository.executable, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> RunResult {
    try start(arguments, environment: environment, input: input, program: program)
      .finish(sourceLocation: sourceLocation)
  }

  /// Runs to the end beside a run that goes on meanwhile.
  func runBeside(_ arguments: [String]) throws -> RunResult { try start(arguments).wait() }

  /// Runs a pipeline given as text, in `p.yaml`.
  func run(
    pipeline: String, environment: [String: String] = [:], input: String = "/dev/null",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> RunResult {
    write("p.yaml", pipeline)
    return try run(
      ["run", "p.yaml"], environment: environment, input: input, sourceLocation: sourceLocation)
  }

  func expectNothingLeft(_ sourceLocation: SourceLocation = #_sourceLocation) {
    let left = processes
    #expect(left.isEmpty, "processes are left", sourceLocation: sourceLocation)
    let sockets = (try? namesInFolder(runtime)) ?? []
    #expect(sockets.isEmpty, "sockets are left", sourceLocation: sourceLocation)
  }
}
