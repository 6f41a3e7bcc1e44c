import Glibc
import Multiprocessing
import POSIXKit

/// A small supervisor: one loop over children of one start method, as the product's will be.
final class Supervision {
  let method: StartMethod
  var server: ForkServer?
  var serverFacts: [ForkServerFact] = []
  private(set) var slots: [Slot] = []
  private let childSignals: SignalDescriptor

  /// One child and all that was heard of it.
  final class Slot {
    var child: StartedProcess
    var facts: [ChildFact] = []
    /// The moment of the first message.
    var readyAt: UInt64?

    init(_ child: consuming StartedProcess) { self.child = child }

    var messages: [String] {
      facts.compactMap {
        if case .message(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
      }
    }

    var status: Int32? {
      for case .exited(let status, _) in facts { return status.code }
      return nil
    }

    var failure: StartError? {
      for case .startFailed(let error) in facts { return error }
      return nil
    }

    func output(_ stream: OutputStream) -> String {
      var all: [UInt8] = []
      for case .output(stream, let bytes) in facts { all += bytes }
      return String(decoding: all, as: UTF8.self)
    }
  }

  struct TimedOut: Error, CustomStringConvertible {
    let description: String
  }

  init(_ method: StartMethod, preload: ForkServer.Preload? = nil) throws {
    self.method = method
    childSignals = try SignalDescriptor([SIGCHLD])
    if method == .forkserver { server = try ForkServer(name: "server", preload: preload) }
  }

  func start(_ request: StartRequest, within limit: Duration = .seconds(20)) throws -> Slot {
    let slot: Slot
    switch method {
    case .fork: slot = Slot(try StartedProcess.start(request, by: .fork))
    case .spawn: slot = Slot(try StartedProcess.start(request, by: .spawn))
    case .forkserver: slot = Slot(try server!.start(request, within: limit))
    }
    slots.append(slot)
    return slot
  }

  func agent(_ name: String = "agent") throws -> Slot {
    try start(StartRequest(target: Agent.target, name: name))
  }

  /// Waits for the descriptors once and takes the facts.
  private func turn(until deadline: UInt64) throws {
    var poller = Poller()
    server?.watch(in: &poller, token: -1)
    poller.watch(childSignals.descriptor.raw, token: -2)
    for (index, slot) in slots.enumerated() { slot.child.watch(in: &poller, token: index) }
    let nearest = MonotonicClock.nearest(deadline, server?.nextDeadline)
    _ = try poller.wait(until: nearest)
    if let server { serverFacts += try server.facts() }
    for slot in slots {
      slot.facts += try slot.child.facts()
      if slot.readyAt == nil, !slot.messages.isEmpty { slot.readyAt = MonotonicClock.now() }
    }
    _ = try childSignals.read()
    try AdoptedProcesses.reap()
  }

  /// Turns until the condition holds. Some conditions come with no event (a fork server reaps), so each turn
  /// is short.
  func wait(for what: String, seconds: Int = 20, _ condition: () -> Bool) throws {
    let deadline = MonotonicClock.deadline(after: .seconds(seconds))
    while !condition() {
      if MonotonicClock.now() >= deadline { throw TimedOut(description: "waited in vain for \(what)") }
      try turn(until: min(deadline, MonotonicClock.deadline(after: .milliseconds(20))))
    }
  }

  func waitReady(_ slots: [Slot]) throws {
    try wait(for: "readiness") {
      slots.allSatisfy { !$0.messages.isEmpty || $0.status != nil || $0.failure != nil }
    }
  }

  func waitExits(_ slots: [Slot]) throws {
    try wait(for: "exits") { slots.allSatisfy { $0.status != nil || $0.failure != nil } }
  }

  /// Sends a message and waits for the answer.
  func ask(_ slot: Slot, _ text: String) throws -> String {
    let before = slot.messages.count
    try slot.child.send(Array(text.utf8))
    try wait(for: "the answer to '\(text.prefix(40))'") {
      slot.messages.count > before || slot.child.isFinished
    }
    return slot.messages.count > before ? slot.messages.last! : ""
  }

  func stop(_ slot: Slot) throws {
    try slot.child.signalGroup(SIGKILL)
    try waitExits([slot])
    remove(slot)
  }

  func remove(_ slot: Slot) { slots.removeAll { $0 === slot } }

  /// Starts a new server in the place of one that has ended.
  func replaceServer() throws { server = try ForkServer(name: "server") }

  /// Ends all children and the server.
  func end() throws {
    for slot in slots where !slot.child.isFinished { try slot.child.signalGroup(SIGKILL) }
    try waitExits(slots)
    slots = []
    guard let server else { return }
    server.kill()
    try wait(for: "the end of the server") { server.hasEnded }
    self.server = nil
  }
}
