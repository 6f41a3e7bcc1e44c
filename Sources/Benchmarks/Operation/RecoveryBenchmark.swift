import Coordination
import Foundation
import POSIXKit
import Synchronization

/// From the SIGKILL of a worker to its replacement: ready, and done with its first batch.
///
/// Lines come all the time, one a millisecond. A source that follows a file waits up to 5 ms for more of them
/// before it cuts a batch, and makes the batch's end durable before it sends it: the first batch may be as late
/// as both take without the replacement's fault. Readiness is what compares with the peers.
enum RecoveryBenchmark {
  static let name = "recovery"
  private static let methods = ["fork", "spawn", "forkserver"]
  /// Of `clean.0`: behind the source's one slot.
  private static let position = 1

  private static func pipeline(_ method: String) -> String {
    """
    name: recovery-\(method)
    stages:
      read:
        source: { file: { path: "LOG", format: jsonl, follow: true } }
      clean:
        start_method: \(method)
        restart: { max: 1000000, within: 1m, backoff: 1ms..1ms }
        attempts: 100
        steps: [ { filter: .number > 0 } ]
      write:
        sink: discard

    """
  }

  static func run(
    rounds: Int, tools: OperationTools, procession: ProcessionExecutable?, scratch: ScratchFolder,
    table: inout TimingTable
  ) throws {
    let slowRounds = max(3, rounds / 10)
    let supervisord = try tools.timings(
      "supervisord", script: OperationScripts.supervisord,
      [tools.supervisord, tools.starter, scratch.path("supervisord"), "\(slowRounds)"])
    for method in methods {
      var timings: [Timings] = []
      if let procession {
        timings += try measure(method, rounds, procession, scratch)
      }
      timings.append(
        try tools.timings(
          "Python Pool, \(method)", script: OperationScripts.pythonPool,
          [method, "\(rounds)", scratch.path("pool-\(method)")]))
      timings.append(supervisord)
      table.add("\(name), \(method)", timings)
    }
  }

  private static func measure(
    _ method: String, _ rounds: Int, _ procession: ProcessionExecutable, _ scratch: ScratchFolder
  ) throws -> [Timings] {
    note("procession, \(method)")
    let run = try LiveRun(
      procession, pipeline: pipeline(method), name: "recovery-\(method)", workers: 4, scratch: scratch)
    let feeder = Feeder(run.log)
    feeder.start()
    var ready: [UInt64] = []
    var firstBatch: [UInt64] = []
    let page = run.pages[position]
    for _ in 0..<rounds {
      let before = page[.batches]
      try wait("batches before a kill") { page[.batches] > before + 2 }
      usleep(UInt32.random(in: 20_000...60_000))
      let epoch = page[.epoch]
      let killed = MonotonicClock.now()
      kill(pid_t(page[.processID]), SIGKILL)
      try wait("a replacement") { page[.epoch] > epoch }
      // The dead one counts no more.
      let batches = page[.batches]
      try wait("its readiness") { page[.state] == StatisticsPage.State.running.rawValue }
      ready.append(MonotonicClock.now() - killed)
      try wait("its first batch") { page[.batches] > batches }
      firstBatch.append(MonotonicClock.now() - killed)
    }
    feeder.stop()
    try run.end()
    return [
      Timings(name: "procession, \(method), ready", nanoseconds: ready),
      Timings(name: "procession, \(method), first batch", nanoseconds: firstBatch),
    ]
  }

  private static func wait(_ what: String, _ condition: () -> Bool) throws {
    let deadline = MonotonicClock.deadline(after: .seconds(20))
    while !condition() {
      if MonotonicClock.now() > deadline { throw BenchmarkError("waited in vain for \(what)") }
      usleep(20)
    }
  }

  /// Appends a line a millisecond, in a thread of its own.
  private final class Feeder: Sendable {
    private let path: String
    private let isStopped = Mutex(false)

    init(_ path: String) { self.path = path }

    func start() {
      Thread.detachNewThread { [self] in
        let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(file) }
        while !isStopped.withLock({ $0 }) {
          _ = write(file, "{\"number\":1}\n", 13)
          usleep(1000)
        }
      }
    }

    func stop() { isStopped.withLock { $0 = true } }
  }
}
