import Multiprocessing
import ProcessPool

/// What comes of errors, and of misuse.
enum Errors {
  static func errors(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      do { _ = try pool.map(Functions.even, [0, 2, 3, 4, 5], chunkSize: 2) } catch let error
        as Functions.Refused
      {
        print("map: \(error.number)")
      }
      let results = try pool.imap(Functions.even, [0, 3, 4])
      var seen: [String] = []
      while true {
        do {
          guard let result = try results.next() else { break }
          seen.append("\(result)")
        } catch let error as Functions.Refused { seen.append("refused \(error.number)") }
      }
      print("imap: \(seen)")
      let handle = try pool.submit(Functions.even, 7)
      print("wait: \(try handle.wait())")
      print("ready: \(handle.ready) successful: \(try handle.successful)")
      do { _ = try handle.get() } catch { print("get: \(error)") }
      print("still: \(try pool.apply(Functions.even, 8))")
    }
  }

  static func misuse(_ method: StartMethod, _: String) throws {
    let pool = try ProcessPool(workers: 1, start: method)
    say { try pool.join() }
    let handle = try pool.submit(Functions.nap, 200)
    say { _ = try handle.successful }
    say { _ = try handle.get(timeout: .milliseconds(1)) }
    print("napped: \(try handle.get())")
    pool.close()
    say { _ = try pool.map(Functions.square, [1]) }
    try pool.join()
    pool.terminate()
    pool.terminate()
    say { _ = try ProcessPool(workers: 0, start: method) }
    let late = RemoteFunction("late") { (x: Int) in x }
    try ProcessPool.with(workers: 1, start: method) { pool in
      say { _ = try pool.map(late, [1]) }
    }
    let unused = try ProcessPool(workers: 2, start: method)
    unused.close()
    try unused.join()
  }

  private static func say(_ body: () throws -> Void) {
    do {
      try body()
      print("no error")
    } catch { print("\(type(of: error)): \(error)") }
  }

  static func unspeakable(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 1, start: method) { pool in
      do { _ = try pool.map(Functions.unspeakable, [1]) } catch let error as RemoteError {
        print("\(error.typeName): \(error.text)")
      }
      do { _ = try pool.map(Functions.odd, [1]) } catch { print("result: \(error)") }
      print("still: \(try pool.map(Functions.square, [3]))")
    }
  }

  static func callbacks(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      var seen: [String] = []
      let first = try pool.submit(Functions.even, 4, callback: { seen.append("result \($0)") })
      _ = try first.get()
      let second = try pool.submit(Functions.even, 5, errorCallback: { _ in seen.append("error") })
      try second.wait()
      let third = try pool.submitMap(
        Functions.square, [1, 2],
        callback: { squares in
          // More may be asked for in a callback.
          seen.append("results \(squares) \((try? pool.apply(Functions.square, 9)) ?? 0)")
        })
      try third.wait()
      print(seen)
    }
  }
}
