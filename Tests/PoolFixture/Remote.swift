import Glibc
import Multiprocessing
import POSIXKit
import ProcessPool
import ZeroMQ

/// Workers that a launcher starts.
enum Remote {
  /// The argument: an address, then the launcher's words.
  private static func launch(_ argument: String) -> [Launch] {
    let words = argument.split(separator: " ").map(String.init)
    return [Launch(Array(words.dropFirst()), address: words[0])]
  }

  static func launch(_: StartMethod, _ argument: String) throws {
    try ProcessPool.with(workers: 2, launch: launch(argument)) { pool in
      print(try pool.map(Functions.square, 0..<100).reduce(0, +))
      print(try pool.imap(Functions.power1, [1, 2, 3]).next() ?? 0)
      do { _ = try pool.map(Functions.raise, [1, -9, 3], chunkSize: 3) } catch let error as WorkerDied {
        print("died: task \(error.taskIndex)")
      }
      do { _ = try pool.apply(Functions.nap, 60_000, timeout: .milliseconds(300)) } catch is TaskTimeout {
        print("timeout")
      }
      print(try pool.map(Functions.square, [5, 6]))
      // Nothing secret is where others of the machine can read it.
      for pid in try pool.map(Functions.processID, 0..<8, chunkSize: 1) {
        let words = try textOfSystemFile("/proc/\(pid)/cmdline").split(separator: "\0")
        if words.last != "__procession-pool-worker" || words.count != 2 { print("words \(words)") }
        let environment = try textOfSystemFile("/proc/\(pid)/environ")
        if let key = pool.publicFacts?.key, environment.contains(key) { print("a key in the environment") }
      }
      print("interface: \(Set(try pool.map(Functions.addresses, [0, 1])).sorted())")
    }
  }

  /// Somebody on the network who knows where the pool listens and what is public.
  static func intruder(_: StartMethod, _ argument: String) throws {
    try ProcessPool.with(workers: 1, launch: launch(argument)) { pool in
      _ = try pool.map(Functions.square, 0..<4)
      guard let facts = pool.publicFacts else { return print("no facts") }
      let context = try Context(maximumSockets: 8)
      let own = try CurveKeys.generate()
      var taking = try Socket(context, .pull, highWaterMark: 0)
      try taking.secure(asClient: own, ofServer: facts.key)
      for orders in facts.orders { try taking.connect(orders) }
      var giving = try Socket(context, .push, highWaterMark: 0)
      try giving.secure(asClient: own, ofServer: facts.key)
      try giving.connect(facts.results)
      var plain = try Socket(context, .pull, highWaterMark: 0)
      for orders in facts.orders { try plain.connect(orders) }
      var plainGiving = try Socket(context, .push, highWaterMark: 0)
      try plainGiving.connect(facts.results)
      // Every ticket that the next tasks may have, with a wrong result.
      for ticket in UInt64(1)..<60 {
        try giving.send(forged(ticket))
        try plainGiving.send(forged(ticket))
      }
      let isRefused = try eventually {
        try pool.poll()
        return pool.refusedPeers >= 2
      }
      print("refused: \(isRefused)")
      print(try pool.map(Functions.square, 0..<20, chunkSize: 1) == (0..<20).map { $0 * $0 })
      var stolen = 0
      while case .some = try taking.receive() { stolen += 1 }
      while case .some = try plain.receive() { stolen += 1 }
      print("stolen: \(stolen)")
    }
  }

  /// As a worker would tell it: slot 0, epoch 1, one task, the number 13.
  private static func forged(_ ticket: UInt64) throws -> Message {
    var bytes: [UInt8] = []
    func add<Number: FixedWidthInteger>(_ number: Number) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    add(UInt32(4))
    add(UInt32(0))
    add(UInt32(1))
    add(ticket)
    add(UInt32(1))
    add(UInt32(1))
    let value = try ValueCoding.encode(13)
    add(UInt64(value.count))
    bytes += value
    var message = try Message(size: bytes.count)
    message.withMutableBytes { $0.copyBytes(from: bytes) }
    return message
  }

  /// Until the test kills this process.
  static func waitToBeKilled(_: StartMethod, _ argument: String) throws {
    let pool = try ProcessPool(workers: 2, launch: launch(argument))
    let pids = try pool.map(Functions.processID, 0..<64, chunkSize: 1)
    let handle = try pool.submitMap(Functions.hang, 0..<2, chunkSize: 1)
    _ = try handle.wait(timeout: .milliseconds(200))
    print("workers \(Set(pids).map(String.init).joined(separator: " "))")
    fflush(nil)
    try handle.wait()
  }

  static func lostLauncher(_: StartMethod, _ argument: String) throws {
    try ProcessPool.with(workers: 1, launch: launch(argument)) { pool in
      do { _ = try pool.apply(Functions.square, 2) } catch { print("\(error)") }
    }
  }
}
