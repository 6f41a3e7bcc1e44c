import Foundation

/// What a pool's tasks cost, beside Python's `multiprocessing.Pool`: both do the same jobs, one after the other.
enum PoolBenchmark {
  static let name = "pool"
  private static let workers = 2
  private static let methods = ["fork", "spawn", "forkserver"]

  /// What one job is, and how its time is shown.
  private struct Job {
    var name: String
    var title: String
    /// Tasks, or bytes where they are what counts.
    var amount: Double
    var isBytes = false
    /// The nanoseconds that each task takes without any pool.
    var bare = 0.0
  }

  private static let jobs = [
    Job(name: "trivial", title: "map, 100,000 trivial tasks", amount: 100_000),
    Job(name: "trivial-one", title: "the same, chunks of one", amount: 100_000),
    Job(name: "imap-one", title: "imap, 100,000 trivial tasks", amount: 100_000),
    Job(name: "millisecond", title: "map, 1,000 tasks of 1 ms", amount: 1000, bare: 1e6 / Double(workers)),
    Job(name: "millisecond-one", title: "the same, chunks of one", amount: 1000, bare: 1e6 / Double(workers)),
    Job(name: "gigabyte", title: "imap, 1 GiB of results, 1 MiB each", amount: 1_073_741_824, isBytes: true),
  ]

  /// Returns the lines to print. `probe`: the pool's own executable, if it takes part.
  static func run(repetitions: Int, probe: String?, scratch: ScratchFolder) throws -> String {
    let script = try scratch.write(PoolScript.python, to: "pool.py")
    var contenders: [(name: String, command: [String])] = []
    if let probe { contenders.append(("ProcessPool", [probe])) }
    contenders.append(("Python's Pool", ["python3", script]))
    var lines = ["pool of \(workers) workers by fork; medians of \(repetitions)"]
    for job in jobs {
      lines.append("  \(job.title)")
      var medians: [Double] = []
      // In turn, so that what else the machine does meets both.
      var times = [[Double]](repeating: [], count: contenders.count)
      for _ in 0..<repetitions {
        for (index, contender) in contenders.enumerated() {
          times[index] += try numbers(contender.command + [job.name, "\(workers)", "fork"], scratch)
        }
      }
      for (index, contender) in contenders.enumerated() {
        medians.append(median(times[index]))
        lines.append("    \(padded(contender.name)) \(text(job, medians[index]))")
      }
      if medians.count == 2 {
        lines.append("    \(padded("ratio of times")) \(String(format: "%.2f", medians[0] / medians[1]))")
      }
    }
    lines.append("  memory of a worker, proportional set size")
    for method in methods {
      for contender in contenders {
        let sizes = try numbers(contender.command + ["memory", "\(workers)", method], scratch)
        let size = String(format: "%.1f MB", median(sizes) / 1e6)
        lines.append("    \(padded(contender.name + ", " + method)) \(size)")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func text(_ job: Job, _ nanoseconds: Double) -> String {
    let time = String(format: "%8.1f ms", nanoseconds / 1e6)
    if job.isBytes { return time + String(format: "  %6.2f GB/s", job.amount / nanoseconds) }
    let rate = String(format: "  %9.0f tasks/s", job.amount / nanoseconds * 1e9)
    let overhead = (nanoseconds / job.amount - job.bare) / 1000
    return time + rate + String(format: "  %7.2f us overhead a task", overhead)
  }

  private static func padded(_ text: String) -> String {
    text.padding(toLength: 28, withPad: " ", startingAt: 0)
  }

  private static func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }

  private static func numbers(_ command: [String], _ scratch: ScratchFolder) throws -> [Double] {
    note(command.joined(separator: " "))
    let log = scratch.path("pool-log")
    _ = try MeasuredProcess.run(command, log: log)
    let printed = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    let numbers = printed.compactMap { Double($0) }
    guard !numbers.isEmpty, numbers.count == printed.count else {
      throw BenchmarkError("\(command) did not print numbers: \(printed)")
    }
    return numbers
  }

  /// The probe, built beside this executable.
  static func findProbe() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = URL(filePath: own).deletingLastPathComponent().appending(path: "PoolProbe").path()
    guard access(path, X_OK) == 0 else {
      throw BenchmarkError("there is no executable at \(path): swift build -c release --product PoolProbe")
    }
    return path
  }
}
