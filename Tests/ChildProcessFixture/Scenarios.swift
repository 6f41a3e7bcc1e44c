import Glibc
import Multiprocessing
import POSIXKit

/// The scenarios of the conformance suite, one for each thing that a `ChildProcess` promises.
enum Scenarios {
  static let all: [String: @Sendable (StartMethod) throws -> Void] = [
    "start": start, "statuses": statuses, "signals": signals, "waiting": waiting, "output": output,
    "identity": identity, "nested": nested, "nested daemon": nestedDaemon, "arguments": arguments,
    "misuse": misuse, "threads": threads, "closure": closure, "interrupt": interrupt, "daemons": daemons,
    "others": others, "killed": killed, "churn": churn, "stolen": stolen, "methods": methods,
    "server dies": ServerScenarios.dies, "server silent": ServerScenarios.silent,
    "preload": ServerScenarios.preload, "preload fails": ServerScenarios.preloadFails,
    "copies": copies, "descriptors": descriptors, "libraries": libraries, "two threads": twoThreads,
    "closed streams": closedStreams, "joined threads": joinedThreads,
  ]

  private static func start(_ method: StartMethod) throws {
    let process = ChildProcess(target: Functions.say, args: "hello", 1)
    emit("start", thrown { try process.start() })
    // What a program does that calls it too late.
    if mistake == "late" { Multiprocessing.bootstrap(Functions.all) }
    if process.pid != nil { try process.join() }
    emit("status", "\(process.exitStatus.map(String.init) ?? "none")")
  }

  private static func statuses(_ method: StartMethod) throws {
    let ways: [(String, Int32)] = [
      ("return", 0), ("exit", 7), ("exit", 255), ("leave", 5), ("throw", 0), ("raise", SIGKILL),
      ("raise", SIGTERM), ("crash", 0),
    ]
    for (how, number) in ways {
      let process = ChildProcess(target: Functions.leave, args: how, number, name: "leaver")
      try process.start()
      try process.join()
      emit("\(how) \(number)", "\(process.exitStatus!)")
    }
  }

  private static func signals(_ method: StartMethod) throws {
    func ended(_ name: String, _ end: (ChildProcess) throws -> Void) throws {
      let process = ChildProcess(target: Functions.rest)
      try process.start()
      emit("\(name) before", "alive \(process.isAlive), \(process.exitStatus.map(String.init) ?? "none")")
      try end(process)
      try process.join()
      emit(name, "\(process.exitStatus!), alive \(process.isAlive)")
      // One that has ended takes no notice.
      try end(process)
      try process.close()
    }
    try ended("terminate") { try $0.terminate() }
    try ended("kill") { try $0.kill() }
    try ended("interrupt") { try $0.interrupt() }
  }

  private static func waiting(_ method: StartMethod) throws {
    let resting = ChildProcess(target: Functions.rest)
    let short = ChildProcess(target: Functions.nothing)
    try resting.start()
    emit("too early", "\(try resting.join(timeout: .milliseconds(20)))")
    emit("negative", "\(try resting.join(timeout: .seconds(-1)))")
    try short.start()
    let both = try [resting.sentinel, short.sentinel]
    let ready = try Multiprocessing.wait(both, timeout: .seconds(20))
    emit("ready", "\(ready == [both[1]]), status \(short.exitStatus.map(String.init) ?? "none")")
    emit("active", activeChildren().map(\.name).joined(separator: " "))
    emit("nothing ready", "\(try Multiprocessing.wait([both[0]], timeout: .milliseconds(20)))")
    emit("joined", "\(try short.join()) \(try short.join(timeout: .zero))")
    emit("still readable", "\(try Multiprocessing.wait([both[1]], timeout: .zero) == [both[1]])")
    try resting.kill()
    emit("killed", "\(try resting.join(timeout: .seconds(20)))")
    emit("late sentinel", "\(try Multiprocessing.wait([resting.sentinel], timeout: .zero).count)")
    emit("nobody", "\(try Multiprocessing.wait([]))")
    for process in [resting, short] { try process.close() }
    emit("closed", "\(resting.exitStatus!) \(short.isAlive)")
  }

  private static func output(_ method: StartMethod) throws {
    // Buffered here, and in the child's copy under fork.
    print("parent before")
    let process = ChildProcess(target: Functions.say, args: "child", 3)
    try process.start()
    try process.join()
    print("parent after")
  }

  private static func identity(_ method: StartMethod) throws {
    emit("main", "\(currentProcess().name), parent \(parentProcess()?.name ?? "none")")
    let named = ChildProcess(target: Functions.tell, name: "clean.0", daemon: true)
    let unnamed = ChildProcess(target: Functions.tell)
    for process in [named, unnamed] {
      try process.start()
      try process.join()
    }
    emit("processors", "\(cpuCount() >= 1)")
  }

  private static func nested(_ method: StartMethod) throws {
    let process = ChildProcess(target: Functions.nest, args: false)
    try process.start()
    try process.join()
    emit("status", "\(process.exitStatus!)")
  }

  private static func nestedDaemon(_ method: StartMethod) throws {
    let process = ChildProcess(target: Functions.nest, args: false, daemon: true)
    try process.start()
    try process.join()
    emit("status", "\(process.exitStatus!)")
  }

  private static func arguments(_ method: StartMethod) throws {
    let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0) }
    let argument = Functions.Argument(
      name: "a", numbers: [0.5], next: [.init(name: "ü", numbers: [], next: [])])
    for argument in [argument, nil] {
      let process = ChildProcess(target: Functions.measure, args: bytes, argument)
      try process.start()
      try process.join()
    }
  }

  private static func methods(_ method: StartMethod) throws {
    emit("method", startMethod().rawValue)
    let next: StartMethod = method == .fork ? .spawn : .fork
    emit("again", thrown { try setStartMethod(next) })
    try setStartMethod(next, force: true)
    emit("forced", "\(startMethod() == next)")
    emit("all", allStartMethods().map(\.rawValue).joined(separator: " "))
    // A context does not ask what was chosen.
    for context in [ProcessContext(method), context(method)] {
      let process = context.process(target: Functions.tell)
      try process.start()
      try process.join()
    }
    let process = ChildProcess(target: Functions.tell, context: .init(method))
    try process.start()
    try process.join()
  }
}
