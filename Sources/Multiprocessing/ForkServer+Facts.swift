import POSIXKit

/// Something that the owner of a fork server learnt of it.
package enum ForkServerFact: Equatable, Sendable {
  /// The preload has run.
  case ready
  /// The preload threw; its error's text. The server ends.
  case preloadFailed(String)
  /// What the server itself (its preload) printed.
  case output(OutputStream, [UInt8])
  /// It has ended, its children with it, and was reaped. The last fact.
  case ended(ExitStatus, ResourceUsage)
}

extension ForkServer {
  /// Lists what to wait for. To be called before each wait.
  package func watch(in poller: inout Poller, token: Int) {
    if hasEnded { return }
    process.watch(in: &poller, token: token)
    poller.watch(socket.raw, for: wantsWrite ? [.readable, .writable] : .readable, token: token)
  }

  /// When `facts` must be called at the latest, by `MonotonicClock`.
  package var nextDeadline: UInt64? { state.nextDeadline }

  /// All that has become known since the last call. Never waits. The children's `facts` are to be asked for
  /// after it. Throws `SystemCallError`.
  package func facts() throws(SystemCallError) -> [ForkServerFact] {
    if hasEnded { return [] }
    var facts: [ForkServerFact] = []
    // The process is looked at before the socket is read: what it said before it ended is there then.
    let ofProcess = try process.facts()
    try receive(&facts)
    for fact in ofProcess {
      switch fact {
      case .output(let stream, let bytes): facts.append(.output(stream, bytes))
      case .exited(let status, let usage):
        carryOut(state.ended())
        // The kernel gave its children to this process before it told of the end.
        for box in served.values { box.serverEnded = true }
        served = [:]
        facts.append(.ended(status, usage))
      case .started, .startFailed, .message, .controlClosed, .controlFailed: break
      }
    }
    flush()
    carryOut(state.timePassed(now: MonotonicClock.now()))
    return facts
  }

  private func receive(_ facts: inout [ForkServerFact]) throws(SystemCallError) {
    while true {
      switch try socket.receivePassed() {
      case .message(var message):
        guard let reply = ForkServerReply(message.bytes) else { continue }
        take(reply, pidfd: message.takeDescriptor(at: 0), &facts)
      case .wouldBlock: return
      case .end: return
      }
    }
  }

  private func take(
    _ reply: ForkServerReply, pidfd: consuming Descriptor?, _ facts: inout [ForkServerFact]
  ) {
    switch reply {
    case .ready:
      facts.append(.ready)
      carryOut(state.preloadCompleted(now: MonotonicClock.now()))
    case .preloadFailed(let text):
      facts.append(.preloadFailed(text))
      carryOut(state.preloadFailed(text))
    case .started(let id, let pid):
      state.startAnswered(id: id)
      if let descriptor = pidfd.take() { served[id]?.started(pid, pidfd: descriptor) }
    case .startFailed(let id, let text):
      state.startAnswered(id: id)
      if let box = served.removeValue(forKey: id) { box.failure = .server(text, name: box.name) }
    case .threads(let id, let count):
      state.startAnswered(id: id)
      if let box = served.removeValue(forKey: id) { box.failure = .threads(count, name: box.name) }
    case .exited(let id, let seen):
      guard let box = served[id], !box.abandoned else { return acknowledge(id) }
      box.exit = seen
    }
  }
}
