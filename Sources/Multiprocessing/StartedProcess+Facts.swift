import CPOSIX
import Glibc
import POSIXKit

extension StartedProcess {
  /// The most that one call of `facts` takes from one stream, in bytes: a chatty child does not hold up the
  /// others. More than a pipe holds, so the last words of a dead child are always complete.
  private static var portion: Int { 256 << 10 }

  /// Lists what to wait for, all under the same token. To be called before each wait.
  package func watch(in poller: inout Poller, token: Int) {
    let number = lentNumber(pidfd)
    if number < 0 { return }
    if !awaitsRelay || served?.serverEnded == true { poller.watch(number, token: token) }
    switch control {
    case .some(let control):
      let interest: Poller.Interest = control.wantsWrite ? [.readable, .writable] : .readable
      if !control.isClosed { poller.watch(control.descriptor.raw, for: interest, token: token) }
    case .none: break
    }
    for stream in [lentNumber(standardOutput), lentNumber(standardError)] where stream >= 0 {
      poller.watch(stream, token: token)
    }
  }

  /// All that has become known since the last call. Never waits. To be called when one of the descriptors is
  /// ready, and for a fork server's child after the server's own `facts`. Throws `SystemCallError`.
  package mutating func facts() throws(SystemCallError) -> [ChildFact] {
    if isFinished { return [] }
    var facts: [ChildFact] = []
    if lentNumber(pidfd) < 0 && !vanished {
      guard try learnStart(&facts) else { return facts }
    }
    // The look comes before the reads: what the child said before it ended is there to be read then.
    let ended = vanished ? nil : try look()
    readControl(&facts)
    read(.standardOutput, &facts)
    read(.standardError, &facts)
    if let ended { try bury(ended, &facts) }
    if vanished { finish(.unknown, ResourceUsage(), &facts) }
    return facts
  }

  /// Takes over what the fork server told. False while there is no process.
  private mutating func learnStart(_ facts: inout [ChildFact]) throws(SystemCallError) -> Bool {
    guard let served else { return false }
    if let error = served.failure {
      facts.append(.startFailed(error))
      isFinished = true
      standardOutput = nil
      standardError = nil
      control = nil
      return false
    }
    guard let started = served.takeStarted() else { return false }
    pid = started
    pidfd = served.takePidfd()
    facts.append(.started(pid: started))
    return true
  }

  /// Whether it has ended, without reaping.
  private mutating func look() throws(SystemCallError) -> ExitObservation? {
    if let relayed = served?.exit { return relayed }
    switch try ExitObservation.look(at: .pidfd(lentNumber(pidfd)), reap: false) {
    case .exited(let observation): return observation
    case .running: return nil
    case .notOurs:
      // The fork server's child: ended when the pidfd is readable, but only the server knows how. Of one that
      // somebody else has reaped, or the kernel where SIGCHLD is ignored, nobody does.
      guard try Poller.wait(for: lentNumber(pidfd), until: 0) else { return nil }
      if served == nil || served?.serverEnded == true, let pid {
        return ExitObservation(pid: pid, status: .unknown, usage: .init())
      }
      awaitsRelay = true
      return nil
    }
  }

  private mutating func readControl(_ facts: inout [ChildFact]) {
    do { try control?.exchange(&facts) } catch {
      facts.append(.controlFailed(error))
      control = nil
    }
  }

  private mutating func read(_ stream: OutputStream, _ facts: inout [ChildFact]) {
    let number = stream == .standardOutput ? lentNumber(standardOutput) : lentNumber(standardError)
    if number < 0 { return }
    let (bytes, isOpen) = Self.read(number)
    if !bytes.isEmpty { facts.append(.output(stream, bytes)) }
    if isOpen { return }
    switch stream {
    case .standardOutput: standardOutput = nil
    case .standardError: standardError = nil
    }
  }

  /// Reads what is there, within the portion. Not open: at its end, or not readable.
  private static func read(_ number: Int32) -> (bytes: [UInt8], isOpen: Bool) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count < portion {
      let count = Glibc.read(number, &buffer, buffer.count)
      if count > 0 {
        bytes.append(contentsOf: buffer[..<count])
      } else if count == 0 {
        return (bytes, false)
      } else if errno != EINTR {
        return (bytes, errno == EAGAIN)
      }
    }
    return (bytes, true)
  }

  /// Ends the group, then reaps: the leader's zombie has kept the group's number from being given away.
  private mutating func bury(_ ended: ExitObservation, _ facts: inout [ChildFact]) throws(SystemCallError) {
    if leadsGroup { kill(-ended.pid, SIGKILL) }
    if case .notOurs = try ExitObservation.look(at: .pidfd(lentNumber(pidfd)), reap: true) {
      served?.acknowledgeExit()
    }
    AdoptedProcesses.disown(ended.pid)
    finish(ended.status, ended.usage, &facts)
  }

  private mutating func finish(_ status: ExitStatus, _ usage: ResourceUsage, _ facts: inout [ChildFact]) {
    exit = status
    isFinished = true
    pidfd = nil
    control = nil
    standardOutput = nil
    standardError = nil
    facts.append(.exited(status, usage))
  }
}

extension ControlChannel {
  /// Sends what waits and reads all that is there.
  fileprivate mutating func exchange(_ facts: inout [ChildFact]) throws(ControlError) {
    if isClosed { return }
    do { try flush() } catch {
      // Closed: what the other side said before is still to be read.
      if error != .closed { throw error }
    }
    while let message = try receive() { facts.append(.message(message)) }
    if isClosed { facts.append(.controlClosed) }
  }
}
