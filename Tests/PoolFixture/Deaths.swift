import Glibc
import Multiprocessing
import POSIXKit
import ProcessPool
import TestSupport

/// What comes of workers that die.
enum Deaths {
  static func deadWorker(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      do { _ = try pool.map(Functions.raise, [1, 2, 3, -9, 5, 6], chunkSize: 6) } catch let error
        as WorkerDied
      {
        print("map: task \(error.taskIndex) \(error.signalName ?? "") \(error.standardErrorTail)")
      }
      let results = try pool.imap(Functions.raise, [1, -15, 3, 4, -10, 6], chunkSize: 3)
      var seen: [String] = []
      while let outcome = try results.nextOutcome() {
        switch outcome {
        case .success(let value): seen.append("\(value)")
        case .failure(let error): seen.append((error as? WorkerDied)?.signalName ?? "\(error)")
        }
      }
      print("imap: \(seen)")
      do { _ = try pool.apply(Functions.leave, 7) } catch let error as WorkerDied {
        print("exit: \(error.exitCode) \(error.signalName ?? "no signal")")
      }
      print("still: \(try pool.map(Functions.square, 0..<10))")
      // One worker that has died is what Python's pool of one never gets over.
      try ProcessPool.with(workers: 1, start: .spawn) { one in
        do { _ = try one.apply(Functions.raise, -9) } catch is WorkerDied {}
        print("one: \(try one.apply(Functions.square, 5))")
      }
    }
  }

  static func retries(_ method: StartMethod, _ folder: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      print("retried: \(try pool.map(Functions.dieOnce, ["\(folder)/a", "\(folder)/b"], retries: 1))")
      do { _ = try pool.apply(Functions.raise, -9, retries: 2) } catch let error as WorkerDied {
        print("gave up: task \(error.taskIndex)")
      }
    }
  }

  static func timeout(_ method: StartMethod, _ folder: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      let started = MonotonicClock.now()
      let results = try pool.imap(
        Functions.nap, [1, 60_000, 2, 3], chunkSize: 4, timeout: .seconds(1))
      var seen: [String] = []
      while let outcome = try results.nextOutcome() {
        switch outcome {
        case .success(let value): seen.append("\(value)")
        case .failure(let error): seen.append(error is TaskTimeout ? "timeout" : "\(error)")
        }
      }
      print("imap: \(seen)")
      let path = "\(folder)/child"
      do { _ = try pool.apply(Functions.hangWithChild, path, timeout: .milliseconds(500)) } catch {
        print("hang: \(error)")
      }
      let child = try Int32(textOfSystemFile(path).dropLast()) ?? 0
      print("its child is gone: \(try eventually { kill(child, 0) != 0 })")
      print("in time: \(MonotonicClock.now() - started < 30_000_000_000)")
      print("still: \(try pool.apply(Functions.square, 4))")
    }
  }

  static func terminate(_ method: StartMethod, _: String) throws {
    let pool = try ProcessPool(workers: 3, start: method)
    let handle = try pool.submitMap(Functions.hang, 0..<1000, chunkSize: 1)
    _ = try eventually {
      try pool.poll()
      return pool.processIDs.count == 3
    }
    _ = try handle.wait(timeout: .milliseconds(300))
    let workers = pool.processIDs
    let started = MonotonicClock.now()
    pool.terminate()
    print("soon: \(MonotonicClock.now() - started < 20_000_000_000)")
    print("gone: \(workers.count) \(workers.allSatisfy { kill($0, 0) != 0 })")
    do { _ = try handle.get() } catch { print("\(error)") }
    // In the middle of everything, again and again.
    for round in 0..<10 {
      let pool = try ProcessPool(workers: 2, start: method)
      _ = try pool.submitMap(Functions.bytes, repeatElement(1 << 16, count: 200), chunkSize: 1)
        .wait(timeout: .milliseconds(round * 3))
      pool.terminate()
    }
    print("ten times")
  }

  /// The process that forks the workers is killed, and they with it.
  static func lostServer(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      let parent = Int32(try pool.apply(Functions.parentID, 0))
      let handle = try pool.submitMap(
        Functions.nap, Array(repeating: 50, count: 20), chunkSize: 1, retries: 3)
      _ = try handle.wait(timeout: .milliseconds(100))
      kill(parent, SIGKILL)
      do { print(try handle.get().count) } catch { print("\(error)") }
    }
  }

  /// Until the test kills this process.
  static func waitToBeKilled(_ method: StartMethod, _: String) throws {
    let pool = try ProcessPool(workers: 3, start: method)
    let handle = try pool.submitMap(Functions.hang, 0..<3, chunkSize: 1)
    _ = try eventually {
      try pool.poll()
      return pool.processIDs.count == 3
    }
    _ = try handle.wait(timeout: .milliseconds(300))
    print("workers \(pool.processIDs.map(String.init).joined(separator: " "))")
    fflush(nil)
    try handle.wait()
  }

  /// Workers are killed from outside at any moment while they take, work, and send.
  static func randomKills(_ method: StartMethod, _ seed: String) throws {
    var state = UInt64(seed) ?? 1
    func random(_ most: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % most
    }
    try ProcessPool.with(workers: 3, start: method) { pool in
      let results = try pool.imap(Functions.bytes, (0..<400).map { $0 * 100 }, chunkSize: 3, retries: 1000)
      var lengths: [Int] = []
      var kills = 0
      while let bytes = try results.next() {
        lengths.append(bytes.count)
        if random(100) < 8, let victim = pool.processIDs.randomElement(by: random) {
          try Waiting.pause(.microseconds(random(500)))
          kill(victim, SIGKILL)
          kills += 1
        }
      }
      print("right: \(lengths == (0..<400).map { $0 * 100 })")
      print("killed: \(kills > 10)")
    }
  }
}

extension [Int32] {
  fileprivate func randomElement(by random: (Int) -> Int) -> Int32? { isEmpty ? nil : self[random(count)] }
}
