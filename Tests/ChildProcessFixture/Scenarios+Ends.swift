import Glibc
import Multiprocessing
import POSIXKit

/// How processes end with others.
extension Scenarios {
  /// The exit of this process ends its daemons and waits for the others.
  static func daemons(_ method: StartMethod) throws {
    let daemon = ChildProcess(target: Functions.rest, daemon: true)
    let fifo = try Fifo()
    let stubborn = ChildProcess(target: Functions.disobey, args: fifo.path, daemon: true)
    let worker = ChildProcess(target: Functions.say, args: "the worker's last words", 1)
    for process in [daemon, stubborn, worker] { try process.start() }
    fifo.waitForWriter()
    emit(
      "pids",
      try (ownChildren() + [daemon.pid!, stubborn.pid!, worker.pid!]).map(String.init).joined(separator: " "))
    emit("main ends", "now")
  }

  /// To be killed from outside.
  static func killed(_ method: StartMethod) throws {
    let fifo = try Fifo()
    let processes = [
      ChildProcess(target: Functions.rest), ChildProcess(target: Functions.rest, daemon: true),
      ChildProcess(target: Functions.disobey, args: fifo.path),
    ]
    for process in processes { try process.start() }
    fifo.waitForWriter()
    emit("pids", try (ownChildren() + processes.map { $0.pid! }).map(String.init).joined(separator: " "))
    while true { pause() }
  }

  /// The test sends SIGINT to the process group, as a terminal does.
  static func interrupt(_ method: StartMethod) throws {
    signal(SIGINT, SIG_IGN)
    let processes = [ChildProcess(target: Functions.rest), ChildProcess(target: Functions.rest)]
    for process in processes { try process.start() }
    emit("ready", "\(getpgrp())")
    for process in processes {
      try process.join()
      emit("interrupted", "\(process.exitStatus!)")
    }
    // The fork server is no member of the group: it goes on.
    let next = ChildProcess(target: Functions.nothing)
    try next.start()
    try next.join()
    emit("next", "\(next.exitStatus!)")
  }

  static func churn(_ method: StartMethod) throws {
    let first = ChildProcess(target: Functions.nothing)
    try first.start()
    try first.join()
    let before = try openDescriptors().count
    for round in 0..<100 {
      let process = ChildProcess(target: Functions.nothing)
      try process.start()
      if round % 3 == 0 { _ = try process.sentinel }
      try process.join()
      if round % 2 == 0 { try process.close() }
    }
    emit("leaked", "\(try openDescriptors().count - before)")
    emit("active", "\(activeChildren().count)")
  }

  /// Somebody else in the program reaps the children.
  static func stolen(_ method: StartMethod) throws {
    signal(SIGCHLD, SIG_IGN)
    // Some are gone before they can be watched, some later.
    for _ in 0..<20 {
      let process = ChildProcess(target: Functions.nothing)
      try process.start()
      emit("joined", "\(try process.join(timeout: .seconds(20)))")
      emit("status", "\(process.exitStatus!)")
    }
  }

  /// Children that this program made by itself are left alone.
  static func others(_ method: StartMethod) throws {
    let pid = try ProgramStart.spawn("/bin/true", arguments: ["true"], descriptors: [-1, -1, -1])
    let watch = try ProcessWatch(pid)
    _ = try watch.waitForEnd(until: MonotonicClock.deadline(after: .seconds(20)))
    let process = ChildProcess(target: Functions.nothing)
    try process.start()
    try process.join()
    _ = activeChildren()
    var status: Int32 = -1
    emit("own child", "\(waitpid(pid, &status, 0) == pid) \(status)")
  }
}
