import Glibc
import Multiprocessing
import POSIXKit

/// A worker that a launcher started: standard input, output and error are all that it has from its pool.
enum RemoteWorkerMain {
  /// The word that makes the executable a worker.
  static let word = "__procession-pool-worker"

  /// What is written to its standard input first.
  static func record(_ plan: WorkerPlan) -> [UInt8] {
    var builder = MessageBuilder(capacity: 1024)
    builder.appendField(plan.encoded())
    return builder.withBytes { Array($0) }
  }

  /// Takes over where the executable was started as a worker.
  static func takeOver(_ arguments: [String]) {
    guard arguments.count == 2, arguments[1] == word else { return }
    guard let plan = readPlan() else { exit(PoolWorkerMain.fail("its standard input holds no plan")) }
    _ = try? SignalDescriptor.ignore(SIGPIPE)
    endWithInput()
    do {
      // Standard input is read by the thread that waits for its end; an idle worker has nothing to watch.
      let status = try PoolWorkerMain.work(
        plan, name: "remote worker \(plan.worker.slot)", method: .spawn, page: nil, lifeline: -1)
      fflush(nil)
      _exit(status)
    } catch { _exit(PoolWorkerMain.fail("\(error)")) }
  }

  private static func readPlan() -> WorkerPlan? {
    guard let head = read(exactly: 8) else { return nil }
    let count = head.withUnsafeBytes {
      Int(clamping: UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)))
    }
    guard count <= 1 << 24, let bytes = read(exactly: count) else { return nil }
    return WorkerPlan(bytes)
  }

  private static func read(exactly count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var start = 0
    while start < count {
      let got = bytes[start...].withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress, $0.count) }
      if got == 0 || (got < 0 && errno != EINTR) { return nil }
      start += max(0, got)
    }
    return bytes
  }

  /// The end of standard input is the end of the pool, and ends this process in whatever it is doing.
  private static func endWithInput() {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        var byte: UInt8 = 0
        while true {
          let got = Glibc.read(0, &byte, 1)
          if got == 0 || (got < 0 && errno != EINTR) {
            // What it has started ends with it, where it leads a group.
            if getpgrp() == getpid() { kill(0, SIGKILL) }
            _exit(1)
          }
        }
      }, nil)
    pthread_detach(thread)
  }
}
