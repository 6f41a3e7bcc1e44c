import Glibc
import Multiprocessing
import POSIXKit

// Starts a child by one method, again and again, and prints how many nanoseconds each took to say that it is
// ready. For the benchmarks: a program of its own, so that nothing else is loaded into what is forked.

let target = "ready"

ProcessTargets.register(target) { context in
  do {
    try context.control.send([1], until: nil)
    while try context.control.receive(until: nil) != nil {}
    return 0
  } catch {
    return 1
  }
}
ProcessTargets.bootstrap(arguments: CommandLine.arguments)

guard CommandLine.arguments.count == 3, let method = StartMethod(rawValue: CommandLine.arguments[1]),
  let rounds = Int(CommandLine.arguments[2])
else {
  print("usage: StartProbe fork|spawn|forkserver ROUNDS")
  exit(2)
}

do {
  try AdoptedProcesses.becomeSubreaper()
  let server = method == .forkserver ? try ForkServer(name: "server") : nil
  // The first start waits for the server, and loads what the others find loaded.
  for round in 0...rounds {
    let nanoseconds = try Probe.measure(method, server)
    if round > 0 { print(nanoseconds) }
  }
} catch {
  print("error: \(error)")
  exit(1)
}

enum Probe {
  struct Failure: Error { var text: String }

  /// Starts one child, waits for its message, and ends it.
  static func measure(_ method: StartMethod, _ server: ForkServer?) throws -> UInt64 {
    let request = StartRequest(target: target, name: target)
    let started = MonotonicClock.now()
    var child: StartedProcess
    switch method {
    case .fork: child = try StartedProcess.start(request, by: .fork)
    case .spawn: child = try StartedProcess.start(request, by: .spawn)
    case .forkserver: child = try server!.start(request, within: .seconds(10))
    }
    var ready: UInt64?
    var hasExited = false
    while !hasExited {
      for fact in try turn(&child, server) {
        switch fact {
        case .message where ready == nil:
          ready = MonotonicClock.now()
          _ = try child.signalGroup(SIGKILL)
        case .exited: hasExited = true
        case .startFailed(let error): throw error
        default: break
        }
      }
      try AdoptedProcesses.reap()
    }
    guard let ready else { throw Failure(text: "the child ended before it was ready") }
    return ready - started
  }

  private static func turn(_ child: inout StartedProcess, _ server: ForkServer?) throws -> [ChildFact] {
    var poller = Poller()
    server?.watch(in: &poller, token: 0)
    child.watch(in: &poller, token: 1)
    // A fork server's child may have ended without an event of its own.
    _ = try poller.wait(until: MonotonicClock.deadline(after: .milliseconds(20)))
    _ = try server?.facts()
    return try child.facts()
  }
}
