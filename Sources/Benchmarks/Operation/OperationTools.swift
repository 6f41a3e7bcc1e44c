import Foundation

/// The peers of the benchmarks of processes: a Python with supervisord in the cache folder, and a small C
/// program that is compiled there.
struct OperationTools {
  private static let packages = ["supervisor", "setuptools<81"]
  let python: String
  let pythonVersion: String
  let supervisord: String
  /// Starts children in the barest way, or announces itself: see `OperationScripts.starter`.
  let starter: String
  private let scratch: ScratchFolder

  init(cache: String, scratch: ScratchFolder) throws {
    self.scratch = scratch
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    let environment = NSString(string: cache).appendingPathComponent("venv-operations")
    let folder = NSString(string: environment)
    python = folder.appendingPathComponent("bin/python")
    supervisord = folder.appendingPathComponent("bin/supervisord")
    let ready = folder.appendingPathComponent("ready")
    let log = scratch.path("log")
    if !FileManager.default.fileExists(atPath: ready) {
      note("installing supervisor with pip into \(environment)")
      do {
        _ = try MeasuredProcess.run(["python3", "-m", "venv", "--clear", environment], log: log)
      } catch {
        throw BenchmarkError(
          "the peers need Python 3 with venv and pip (apt-get install python3-venv).\n\(error)")
      }
      _ = try MeasuredProcess.run([python, "-m", "pip", "install", "--quiet"] + Self.packages, log: log)
      try "".write(toFile: ready, atomically: false, encoding: .utf8)
    }
    _ = try MeasuredProcess.run(
      [python, "-c", "import platform; print(platform.python_version())"], log: log)
    pythonVersion = try String(contentsOfFile: log, encoding: .utf8).trimmingCharacters(
      in: .whitespacesAndNewlines)
    let source = try scratch.write(OperationScripts.starter, to: "starter.c")
    starter = scratch.path("starter")
    do {
      _ = try MeasuredProcess.run(["cc", "-O2", "-o", starter, source], log: log)
    } catch {
      throw BenchmarkError("the peers need a C compiler (apt-get install gcc).\n\(error)")
    }
  }

  /// Runs a command that prints times.
  func timings(_ name: String, _ command: [String]) throws -> Timings {
    note("\(name)")
    let log = scratch.path("timings")
    _ = try MeasuredProcess.run(command, log: log)
    return try Timings(name: name, printed: String(contentsOfFile: log, encoding: .utf8))
  }

  func timings(_ name: String, script: String, _ arguments: [String]) throws -> Timings {
    try timings(name, [python, try scratch.write(script, to: "peer.py")] + arguments)
  }
}
