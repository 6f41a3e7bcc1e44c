import Coordination
import Foundation
import POSIXKit

/// What a run costs that has nothing to do: a hundred workers, and a file that gets no lines.
enum IdleBenchmark {
  static let name = "idle"
  private static let steps = 98
  private static let seconds = 10
  /// Of one core.
  private static let mostCPU = 0.001

  private static let pipeline = """
    name: idle
    stages:
      read:
        source: { file: { path: "LOG", format: lines, follow: true } }
      clean:
        workers: \(steps)
        steps: [ { filter: "true" } ]
      write:
        sink: discard

    """

  /// Two numbers of a process that only grow.
  private struct Spent {
    /// CPU time of all its threads, in nanoseconds.
    var nanoseconds: UInt64 = 0
    /// How often a thread of it went to sleep: each is a wake-up before.
    var sleeps: UInt64 = 0

    init(of pid: pid_t) {
      for thread in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? [] {
        let folder = "/proc/\(pid)/task/\(thread)"
        if let text = SmallFile.read("\(folder)/schedstat") {
          nanoseconds += text.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
        }
        for line in (SmallFile.read("\(folder)/status") ?? "").split(separator: "\n")
        where line.hasPrefix("voluntary_ctxt_switches:") {
          sleeps += line.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0) } ?? 0
        }
      }
    }
  }

  /// Returns the lines to print.
  static func run(procession: ProcessionExecutable, scratch: ScratchFolder) throws -> String {
    note("procession with \(steps + 2) idle workers for \(seconds) s")
    let run = try LiveRun(
      procession, pipeline: pipeline, name: name, workers: steps + 3, scratch: scratch)
    // What the start has left to do is done then.
    sleep(3)
    let workers = ProcessTree.members(of: run.pid).filter { $0 != run.pid }
    let before = Spent(of: run.pid)
    let workersBefore = workers.map(Spent.init)
    let started = MonotonicClock.now()
    sleep(UInt32(seconds))
    let took = Double(MonotonicClock.now() - started) / 1e9
    let after = Spent(of: run.pid)
    let workersAfter = workers.map(Spent.init)
    let resident = (try? ProcessStatistics(of: run.pid).residentBytes) ?? 0
    try run.end()
    guard before.nanoseconds > 0, before.sleeps > 0 else {
      throw BenchmarkError("the kernel does not tell what a process costs (/proc/PID/task/*/schedstat)")
    }
    let share = Double(after.nanoseconds - before.nanoseconds) / 1e9 / took
    let wakeUps = Double(after.sleeps - before.sleeps) / took
    var theirs = (nanoseconds: UInt64(0), sleeps: UInt64(0))
    for (before, after) in zip(workersBefore, workersAfter) {
      theirs.nanoseconds += after.nanoseconds - before.nanoseconds
      theirs.sleeps += after.sleeps - before.sleeps
    }
    let verdict = share < mostCPU ? "under" : "NOT under"
    return """
      idle, \(workers.count) workers, \(String(format: "%.1f", took)) s:
        supervisor: \(String(format: "%.4f", share * 100)) % CPU (\(verdict) 0.1 %), \
      \(String(format: "%.2f", wakeUps)) wake-ups/s, \(resident >> 20) MB resident
        all workers: \(String(format: "%.4f", Double(theirs.nanoseconds) / 1e7 / took)) % CPU, \
      \(String(format: "%.2f", Double(theirs.sleeps) / took)) wake-ups/s
      """
  }
}
