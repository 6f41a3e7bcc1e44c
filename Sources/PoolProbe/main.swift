import Glibc
import Multiprocessing
import POSIXKit
import ProcessPool

// What the benchmark of pools runs: one job, whose nanoseconds (or bytes) it prints.

let identity = RemoteFunction("identity") { (x: Int) in x }
let nap = RemoteFunction("nap") { (x: Int) -> Int in
  usleep(1000)
  return x
}
let block = RemoteFunction("block") { (count: Int) in [UInt8](repeating: 1, count: count) }
bootstrap(identity, nap, block)

let arguments = CommandLine.arguments
guard arguments.count == 4, let workers = Int(arguments[2]), let method = StartMethod(rawValue: arguments[3])
else {
  print(
    "usage: PoolProbe trivial|trivial-one|imap-one|millisecond|millisecond-one|gigabyte|memory WORKERS METHOD"
  )
  exit(2)
}

/// Whether a job did all that it should have.
func check(_ isRight: Bool) {
  if isRight { return }
  print("wrong results")
  exit(1)
}

func timed(_ body: () throws -> Void) throws {
  let started = MonotonicClock.now()
  try body()
  print(MonotonicClock.now() - started)
}

try ProcessPool.with(workers: workers, start: method) { pool in
  // All workers are there and have worked.
  _ = try pool.map(nap, 0..<(workers * 4), chunkSize: 1)
  switch arguments[1] {
  case "trivial": try timed { check(try pool.map(identity, 0..<100_000).count == 100_000) }
  case "trivial-one":
    try timed { check(try pool.map(identity, 0..<100_000, chunkSize: 1).count == 100_000) }
  case "imap-one":
    try timed {
      let results = try pool.imap(identity, 0..<100_000)
      var count = 0
      while try results.next() != nil { count += 1 }
      check(count == 100_000)
    }
  case "millisecond": try timed { check(try pool.map(nap, 0..<1000).count == 1000) }
  case "millisecond-one": try timed { check(try pool.map(nap, 0..<1000, chunkSize: 1).count == 1000) }
  case "gigabyte":
    try timed {
      let results = try pool.imap(block, repeatElement(1 << 20, count: 1024))
      var bytes = 0
      while let result = try results.next() { bytes += result.count }
      check(bytes == 1 << 30)
    }
  case "memory":
    for pid in pool.processIDs { print(try ProcessStatistics.proportionalSetSize(of: pid)) }
  default: exit(2)
  }
}
