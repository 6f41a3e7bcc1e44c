import Glibc
import Multiprocessing
import POSIXKit
import ProcessPool
import TestSupport

/// What is asked for and handed out one after the other.
enum Streams {
  /// Counts what was read of it.
  final class Counted: Sequence, IteratorProtocol {
    private(set) var read = 0
    private let end: Int

    init(end: Int) { self.end = end }

    func next() -> Int? {
      guard read < end else { return nil }
      read += 1
      return read
    }
  }

  static func lazy(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      let input = Counted(end: 1000)
      let results = try pool.imap(Functions.square, input, ahead: 10)
      print("at first: \(input.read)")
      var most = 0
      var sum = 0
      for taken in 1...100 {
        sum += try results.next() ?? 0
        most = max(most, input.read - taken)
        if taken % 10 == 0 { try Waiting.pause(.milliseconds(2)) }
      }
      print("ahead: \(most <= 10) after 100: \(input.read <= 110) sum: \(sum)")
      while let next = try results.next() { sum += next }
      print("all: \(input.read) \(sum)")
    }
  }

  static func endless(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      let results = try pool.imap(Functions.identity, 0..., chunkSize: 3)
      print(try (0..<20).map { _ in try results.next() ?? -1 })
      pool.close()
      do { try pool.join(timeout: .milliseconds(200)) } catch { print(error) }
      print(try results.next() ?? -1)
    }
    // Nothing to do, and nobody to do it.
    let pool = try ProcessPool(
      workers: 1, launch: [Launch(["/nowhere/launcher"], address: "127.0.0.1")])
    let nothing = try pool.imap(Functions.identity, [Int]())
    pool.close()
    try pool.join(timeout: .seconds(60))
    print("joined \(try nothing.next() ?? -1)")
  }

  static func unordered(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      let results = try pool.imapUnordered(Functions.nap, [400, 1, 2, 3])
      var seen: [Int] = []
      while let next = try results.next() { seen.append(next) }
      print(seen)
    }
  }

  /// What waits behind a long task goes to a worker that has nothing.
  static func recall(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      _ = try pool.map(Functions.nap, [1, 1, 1, 1], chunkSize: 1)
      let results = try pool.imapUnordered(Functions.nap, [700] + Array(repeating: 5, count: 30), ahead: 64)
      var seen: [Int] = []
      while let next = try results.next() { seen.append(next) }
      print("last: \(seen.last ?? 0) of \(seen.count)")
    }
  }

  static func join(_ method: StartMethod, _: String) throws {
    let pool = try ProcessPool(workers: 2, start: method)
    let results = try pool.imap(Functions.square, 0..<500)
    _ = try results.next()
    let dropped = try? pool.imap(Functions.square, 0..<500).next()
    pool.close()
    try pool.join()
    var count = 1
    while try results.next() != nil { count += 1 }
    print("count: \(count) dropped: \(dropped == .some(0))")
  }

  static func large(_ method: StartMethod, _: String) throws {
    try ProcessPool.with(workers: 2, start: method) { pool in
      let results = try pool.imap(Functions.bytes, [1, 4095, 4096, 5 << 20, 0, 100_000])
      var lengths: [Int] = []
      while let bytes = try results.next() {
        if !bytes.allSatisfy({ $0 == 7 }) { print("wrong bytes") }
        lengths.append(bytes.count)
      }
      print(lengths)
    }
  }

  static func async(_ method: StartMethod, _: String) throws {
    // Swift concurrency starts its threads after the nursery is there.
    let pool = try ProcessPool(workers: 2, start: method)
    let done = DispatchlessWait()
    nonisolated(unsafe) let shared = pool
    Task {
      do {
        var sum = 0
        for try await square in try shared.imap(Functions.square, 0..<200) { sum += square }
        print("sum: \(sum)")
        do {
          for try await even in try shared.imap(Functions.even, [2, 4, 5, 6]) { print("even \(even)") }
        } catch { print("threw \(type(of: error))") }
        let naps = Task {
          nonisolated(unsafe) let results = try shared.imap(Functions.nap, [60_000])
          for try await _ in results {}
        }
        naps.cancel()
        do { try await naps.value } catch { print("\(type(of: error))") }
      } catch { print("error: \(error)") }
      done.signal()
    }
    done.wait()
    pool.terminate()
  }
}

/// A semaphore.
final class DispatchlessWait: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }
  deinit { semaphore.deallocate() }

  func signal() { sem_post(semaphore) }
  func wait() { while sem_wait(semaphore) != 0 {} }
}
