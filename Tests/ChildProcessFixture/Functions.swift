import Glibc
import Multiprocessing
import POSIXKit

/// What the fixture's processes run.
enum Functions {
  static let all: [any RemoteCallable] = [
    nothing, leave, rest, say, tell, nest, measure, load, loaded, fail, disobey,
  ]

  static let nothing = RemoteFunction("nothing") {}

  /// Listed under the name of another.
  static let other = RemoteFunction("only here") { (number: Int) in number }
  static let impostor = RemoteFunction("say") { (number: Int) in number }

  struct Broken: Error, CustomStringConvertible {
    var description: String { "flights.csv:7: there is no column 'carrier'" }
  }

  static let leave = RemoteFunction("leave") { (how: String, number: Int32) -> Int in
    switch how {
    case "exit": exit(number)
    case "leave": throw ProcessExit(number)
    case "throw": throw Broken()
    case "raise":
      kill(getpid(), number)
      pause()
    case "crash": UnsafeMutablePointer<Int>(bitPattern: 8)!.pointee = 1
    default: break
    }
    return 42
  }

  static let rest = RemoteFunction("rest") {
    while true { pause() }
  }

  /// Does not end when it is asked to.
  static let disobey = RemoteFunction("disobey") { (fifo: String) in
    signal(SIGTERM, SIG_IGN)
    // Whoever reads it knows from now on that this process is deaf.
    close(open(fifo, O_WRONLY))
    while true { pause() }
  }

  static let say = RemoteFunction("say") { (text: String, times: Int) in
    for _ in 0..<times { print(text) }
  }

  struct Argument: Codable, Equatable {
    var name: String
    var numbers: [Double]
    var next: [Argument]
  }

  static let measure = RemoteFunction("measure") { (bytes: [UInt8], argument: Argument?) in
    let sum = bytes.reduce(0) { $0 &+ Int($1) }
    emit("argument", "\(bytes.count) bytes, sum \(sum), \(argument.map { "\($0)" } ?? "nothing")")
  }

  static let tell = RemoteFunction("tell") { tellOfThisProcess() }

  static func tellOfThisProcess() {
    let own = currentProcess()
    let parent = parentProcess()
    let signals = (try? textOfSystemFile("/proc/self/status")) ?? ""
    let ignored = signals.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }
    let mask = ignored.flatMap { UInt64($0.dropFirst(8).trimmingPrefix { $0 == " " }, radix: 16) } ?? .max
    var input: UInt8 = 0
    emit(
      "child",
      """
      name \(own.name), daemon \(own.isDaemon), method \(own.startMethod?.rawValue ?? "none"), \
      default \(startMethod().rawValue), pid \(own.pid == getpid()), parent \(parent?.name ?? "none"), \
      parent's group \(getpgrp() == getpgid(parent?.pid ?? 0)), \
      ignores interrupt \(mask & (1 << (UInt64(SIGINT) - 1)) != 0), input \(read(0, &input, 1)), \
      threads \((try? countOfThreads()) ?? 0), active \(activeChildren().count)
      """)
  }

  /// A process with children of its own: one is waited for, one left to the end of this one.
  static let nest = RemoteFunction("nest") { (daemon: Bool) in
    let first = ChildProcess(target: tell)
    try first.start()
    try first.join()
    let second = ChildProcess(target: tell, daemon: daemon)
    try second.start()
    emit("nested", "\(first.name) ended with \(first.exitStatus!), \(second.name)")
  }

  nonisolated(unsafe) static var table: [Int] = []

  static let load = RemoteFunction("load") { (count: Int) in
    emit("loads", "\(count) in \(currentProcess().name)")
    table = Array(0..<count)
  }

  static let fail = RemoteFunction("fail") { () -> Void in throw Broken() }

  static let loaded = RemoteFunction("loaded") { emit("loaded", "\(table.count)") }
}
