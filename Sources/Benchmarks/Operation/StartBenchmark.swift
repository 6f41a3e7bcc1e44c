import Foundation

/// From the start of a process to its word that it is ready, by each start method, beside Python's
/// multiprocessing and what the kernel alone needs.
enum StartBenchmark {
  static let name = "start"
  private static let methods = ["fork", "spawn", "forkserver"]

  static func run(rounds: Int, tools: OperationTools, probe: String?, table: inout TimingTable) throws {
    for method in methods {
      var timings: [Timings] = []
      if let probe {
        timings.append(try tools.timings("Multiprocessing, \(method)", [probe, method, "\(rounds)"]))
      }
      timings.append(
        try tools.timings(
          "Python \(tools.pythonVersion), \(method)", script: OperationScripts.pythonStart,
          [method, "\(rounds)"]))
      let (bare, kind) = method == "spawn" ? ("posix_spawn in C", "spawn") : ("fork in C", "fork")
      timings.append(try tools.timings(bare, [tools.starter, kind, "\(rounds)"]))
      table.add("\(name), \(method)", timings)
    }
  }

  /// The probe, built beside this executable.
  static func findProbe() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: own).deletingLastPathComponent().appending(path: "StartProbe").path()
    guard access(path, X_OK) == 0 else {
      throw BenchmarkError("there is no executable at \(path): swift build -c release --product StartProbe")
    }
    return path
  }
}
