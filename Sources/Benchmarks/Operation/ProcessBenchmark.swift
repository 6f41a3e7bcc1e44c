import Foundation

/// From the start of an empty process to the end of its join, by each start method, beside Python's multiprocessing.
enum ProcessBenchmark {
  static let name = "processes"
  private static let methods = ["fork", "spawn", "forkserver"]

  static func run(rounds: Int, tools: OperationTools, probe: String?, table: inout TimingTable) throws {
    for method in methods {
      var timings: [Timings] = []
      if let probe {
        timings.append(try tools.timings("ChildProcess, \(method)", [probe, method, "\(rounds)"]))
      }
      timings.append(
        try tools.timings(
          "Python \(tools.pythonVersion), \(method)", script: ProcessScripts.startAndJoin,
          [method, "\(rounds)"]))
      table.add("\(name), \(method)", timings)
    }
  }

  /// The probe, built beside this executable.
  static func findProbe() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: own).deletingLastPathComponent().appending(path: "ProcessProbe").path()
    guard access(path, X_OK) == 0 else {
      throw BenchmarkError("there is no executable at \(path): swift build -c release --product ProcessProbe")
    }
    return path
  }
}
