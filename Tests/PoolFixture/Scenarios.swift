import Glibc
import Multiprocessing
import POSIXKit
import ProcessPool
import TestSupport

/// What the tests have this program do; each prints what it saw, a line for each fact.
enum Scenarios {
  private static let all: [String: @Sendable (StartMethod, String) throws -> Void] = [
    "map": map, "errors": Errors.errors, "misuse": Errors.misuse, "unspeakable": Errors.unspeakable,
    "callbacks": Errors.callbacks, "dead-worker": Deaths.deadWorker, "retries": Deaths.retries,
    "timeout": Deaths.timeout, "terminate": Deaths.terminate, "lost-server": Deaths.lostServer,
    "wait-to-be-killed": Deaths.waitToBeKilled,
    "random-kills": Deaths.randomKills, "bad-initializer": Workers.badInitializer,
    "initializer": Workers.initializer, "replacement": Workers.replacement, "chunks": Workers.chunks,
    "lazy": Streams.lazy, "unordered": Streams.unordered, "endless": Streams.endless, "join": Streams.join,
    "async": Streams.async, "closures": Workers.closures, "two-pools": Workers.twoPools,
    "print": Workers.printing,
    "recall": Streams.recall, "large": Streams.large, "launch": Remote.launch, "intruder": Remote.intruder,
    "launch-and-wait": Remote.waitToBeKilled, "lost-launcher": Remote.lostLauncher,
  ]

  static func run(_ name: String, _ method: StartMethod, argument: String) -> Int32 {
    guard let scenario = all[name] else {
      print("there is no scenario '\(name)'")
      return 2
    }
    // The first use of anything may open a descriptor for good.
    let before = openDescriptors()
    do { try scenario(method, argument) } catch {
      print("error: \(error)")
      return 1
    }
    let after = openDescriptors()
    // Swift concurrency keeps what it has opened.
    if after != before && name != "async" { print("left: descriptors \(after), before \(before)") }
    if waitpid(-1, nil, WNOHANG) != -1 || errno != ECHILD { print("left: a child") }
    return 0
  }

  private static func openDescriptors() -> [Int32] {
    ((try? namesInFolder("/proc/self/fd")) ?? []).compactMap(Int32.init).filter { fcntl($0, F_GETFD) >= 0 }
      .sorted()
  }

  private static func map(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 5, start: method) { pool in
      print(try pool.map(Functions.square, [1, 2, 3]))
      print(try pool.map(Functions.square, 0..<1000).reduce(0, +))
      print(try pool.map(Functions.square, [], chunkSize: 2))
      print(try pool.apply(Functions.power, 2, 10))
      print(try pool.starmap(Functions.power, [(2, 3), (3, 2)]))
      try pool.apply(Functions.nothing)
    }
  }
}

/// Waits until something is so; ten seconds are far more than it takes.
func eventually(_ condition: () throws -> Bool) throws -> Bool {
  do { try Waiting.until("a scenario's step", within: .seconds(10), condition) } catch is Waiting.TookTooLong
  {
    return false
  }
  return true
}
