import Glibc
import Multiprocessing
import POSIXKit

/// What only a fork server promises.
enum ServerScenarios {
  /// A server that dies is replaced, and its children's statuses are true.
  static func replace() throws {
    let supervision = try Supervision(.forkserver)
    let early = try supervision.agent("early")
    let running = try supervision.agent("running")
    try supervision.waitReady([early, running])
    let server = try ProcessWatch(supervision.server!.pid!)
    // The server can't tell of this exit any more.
    try server.signal(SIGSTOP)
    let ended = try ProcessWatch(early.child.pid!)
    try early.child.send(Array("exit 7".utf8))
    guard try ended.waitForEnd(until: MonotonicClock.deadline(after: .seconds(10))) else { return }
    try server.signal(SIGKILL)
    try supervision.waitExits([early, running])
    emit("status", number: Int(early.status!), text: "early")
    emit("status", number: Int(running.status!), text: "running")
    try supervision.wait(for: "the news of the server's end") { supervision.server!.hasEnded }
    for case .ended(let status, _) in supervision.serverFacts {
      emit("status", number: Int(status.code), text: "server")
    }
    do { _ = try supervision.agent("late") } catch { emit("late", text: "\(error)") }
    try supervision.replaceServer()
    let next = try supervision.agent("next")
    try supervision.waitReady([next])
    try next.child.send(Array("exit 5".utf8))
    try supervision.waitExits([next])
    emit("status", number: Int(next.status!), text: "next")
    try supervision.end()
  }

  /// Four workers share one table of 200 MB.
  static func sharing() throws {
    let megabytes = 200
    let preload = ForkServer.Preload("table", payload: Array("\(megabytes)".utf8))
    let supervision = try Supervision(.forkserver, preload: preload)
    let slots = try (0..<4).map { try supervision.agent("worker.\($0)") }
    try supervision.waitReady(slots)
    var sums: Set<String> = []
    for slot in slots { sums.insert(try supervision.ask(slot, "sum")) }
    emit("sums", number: sums.count, text: sums.first)
    let workers = try slots.map { try ProcessStatistics.proportionalSetSize(of: $0.child.pid!) }
    let server = try ProcessStatistics.proportionalSetSize(of: supervision.server!.pid!)
    emit("proportional", number: workers.reduce(server, +) >> 20, numbers: workers.map { $0 >> 20 })
    try supervision.end()
  }

  static func preloadError() throws {
    let supervision = try Supervision(.forkserver, preload: ForkServer.Preload("broken"))
    let slot = try supervision.agent("worker.0")
    try supervision.waitExits([slot])
    emit("start", text: slot.failure.map { "\($0)" })
    try supervision.wait(for: "the server's end") { supervision.server!.hasEnded }
    for case .preloadFailed(let text) in supervision.serverFacts { emit("preload", text: text) }
    try supervision.end()
  }

  /// A server that does not answer costs a start its deadline, and is ended.
  static func silent() throws {
    let supervision = try Supervision(.forkserver)
    try supervision.wait(for: "the server") { supervision.serverFacts.contains(.ready) }
    try ProcessWatch(supervision.server!.pid!).signal(SIGSTOP)
    let slot = try supervision.start(
      StartRequest(target: Agent.target, name: "worker.0"), within: .milliseconds(50))
    try supervision.waitExits([slot])
    emit("start", text: slot.failure.map { "\($0)" })
    try supervision.wait(for: "the server's end") { supervision.server!.hasEnded }
    try supervision.end()
  }

  /// A child is killed after the server's report of its start was read, and before anybody asked the child.
  static func earlyKill() throws {
    let supervision = try Supervision(.forkserver)
    try supervision.wait(for: "the server") { supervision.serverFacts.contains(.ready) }
    let server = supervision.server!
    let slot = try supervision.start(StartRequest(target: Agent.target, name: "worker.0"))
    // Whatever the server has to say of the start, it says at once: until it is silent.
    var isSilent = false
    while !isSilent {
      var poller = Poller()
      server.watch(in: &poller, token: 0)
      isSilent = try poller.wait(until: MonotonicClock.deadline(after: .milliseconds(200))).isEmpty
      _ = try server.facts()
    }
    emit("known", number: slot.child.pid == nil ? 0 : 1)
    try slot.child.signalGroup(SIGKILL)
    try supervision.waitExits([slot])
    emit("status", number: Int(slot.status!), text: "worker.0")
    try supervision.end()
  }
}
