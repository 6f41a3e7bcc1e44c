import Glibc
import Multiprocessing
import POSIXKit
import ProcessPool

/// How workers are made, replaced and told things.
enum Workers {
  static func badInitializer(_ method: StartMethod, _ folder: String) throws {
    let started = MonotonicClock.now()
    try ProcessPool.with(
      workers: 2, start: method, initializer: .init(Functions.badStart, "\(folder)/starts")
    ) { pool in
      do { _ = try pool.map(Functions.square, 0..<10) } catch { print("\(error)") }
      do { _ = try pool.map(Functions.square, 0..<10) } catch is PoolError { print("again") }
    }
    let starts = try textOfSystemFile("\(folder)/starts").count
    print("starts: \(starts)")
    print("soon: \(MonotonicClock.now() - started < 10_000_000_000)")
  }

  static func initializer(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method, initializer: .init(Functions.setUp, "hello")) { pool in
      print(try pool.map(Functions.readSetting, [1, 2, 3]))
    }
  }

  /// Each worker does two chunks.
  static func replacement(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method, maxTasksPerWorker: 2) { pool in
      let pids = try pool.map(Functions.processID, 0..<60, chunkSize: 5)
      var chunks: [Int: Int] = [:]
      for chunk in stride(from: 0, to: 60, by: 5) {
        let ofChunk = Set(pids[chunk..<(chunk + 5)])
        if ofChunk.count != 1 { print("a chunk in two workers") }
        chunks[pids[chunk], default: 0] += 1
      }
      print("most chunks: \(chunks.values.max() ?? 0) workers: \(chunks.count >= 6)")
    }
  }

  /// Workers of one chunk each count the chunks.
  static func chunks(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method, maxTasksPerWorker: 1) { pool in
      for count in [1, 8, 9, 20] {
        print("\(count): \(Set(try pool.map(Functions.processID, 0..<count)).count)")
      }
    }
  }

  static func closures(_ method: StartMethod, _: String) throws {
    let offset = Int(getpid())
    let shift = RemoteFunction("shift") { (x: Int) in x + offset }
    try ProcessPool.with(workers: 2, start: method, functions: [shift]) { pool in
      print(try pool.map(shift, [1, 2]) == [1 + offset, 2 + offset])
    }
    // The first pool is gone, and its threads with it: there can be another.
    let scale = RemoteFunction("scale") { (x: Int) in x * offset }
    try ProcessPool.with(workers: 1, start: method, functions: [scale]) { pool in
      print(try pool.apply(scale, 2) == 2 * offset)
      do { _ = try pool.apply(shift, 1) } catch { print("\(error)") }
    }
  }

  static func twoPools(_ method: StartMethod, _: String) throws {
    let first = try ProcessPool(workers: 1, start: method, name: "first")
    let second = try ProcessPool(workers: 1, start: method, name: "second")
    print(try first.apply(Functions.square, 3), try second.apply(Functions.square, 4))
    if method == .fork {
      do { _ = try ProcessPool(workers: 1, start: method) } catch { print("\(error)") }
    }
    second.terminate()
    first.terminate()
  }

  static func printing(_ method: StartMethod, _: String) throws {
    print("before")
    try ProcessPool.with(workers: 1, start: method) { pool in
      try pool.apply(Functions.say, "from the worker")
      pool.close()
      try pool.join()
    }
    print("after")
    // Terminated right after its task.
    try ProcessPool.with(workers: 1, start: method) { pool in try pool.apply(Functions.say, "once more") }
    try ProcessPool.with(workers: 1, start: method, name: "crew") { pool in
      print(try pool.apply(Functions.whoAmI, 0) == "crew.0 true \(getpid())")
    }
  }
}
