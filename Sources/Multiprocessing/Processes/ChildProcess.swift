import CPOSIX
import Glibc
import POSIXKit

/// A function or closure that runs in a process of its own: Python's `multiprocessing.Process`.
///
/// ```swift
/// let process = ChildProcess(target: greet, args: "bob")
/// try process.start()
/// try process.join()
/// ```
///
/// The child has the parent's standard output and error, reads /dev/null, stays in its process group (so the
/// terminal's interrupt key reaches it too) and has default signal dispositions. It ends with status 0 when its code
/// returns, whatever it returns, with 1 and the error's text on standard error when it throws, with N by
/// `throw ProcessExit(N)` or `exit(N)`. When
/// its parent ends, the child ends: at a normal exit daemons are terminated and the others waited for; when the
/// parent is killed all are killed.
///
/// Any thread may use it; only a process with one thread can fork. `join` and `start` wait, so `async` code calls them
/// from a thread of its own or waits for the `sentinel` by other means.
public final class ChildProcess: @unchecked Sendable {
  /// `Process-N` unless it was given one. Also what `ps` shows, its first 15 bytes.
  public let name: String
  /// It ends with its parent: at a normal exit it is terminated, not waited for. A daemon may start no process.
  public let daemon: Bool
  /// How it is started; nil: by the method that `setStartMethod` chose.
  public let context: ProcessContext?

  let path: String
  /// Nil once it was started: what it holds is the child's.
  private var target: Target?
  /// The process that made this object.
  private let creator = getpid()
  private var phase = Phase.made
  private var process: StartedProcess?
  private var server: ForkServer?
  private var knownPid: Int32?
  private var status: Int32?
  private var sentinelDescriptor: Descriptor?

  private enum Phase { case made, started, closed }

  /// What it runs.
  enum Target {
    case closure(() throws -> Void)
    case function(RemoteFunctionEntry, encode: () throws -> [UInt8], direct: () throws -> Void)
  }

  private init(_ target: Target, name: String?, daemon: Bool, context: ProcessContext?) {
    self.target = target
    let given = Library.withLock { Library.nameNext() }
    self.name = name ?? given.name
    path = given.path
    self.daemon = daemon
    self.context = context
  }

  /// A process that will run a function with these arguments, by any start method. Nothing is started yet. What the
  /// function returns is not used.
  public convenience init<each Argument, Output>(
    target: RemoteFunction<repeat each Argument, Output>, args: repeat each Argument, name: String? = nil,
    daemon: Bool = false, context: ProcessContext? = nil
  ) {
    self.init(
      .function(
        target.entry, encode: { try target.encode(repeat each args) },
        direct: { _ = try target.body(repeat each args) }),
      name: name, daemon: daemon, context: context)
  }

  /// A process that will run a closure with its captures. Only fork can start it: the child has all that the parent
  /// has at the start, open descriptors too, and what it changes stays in the child.
  public convenience init(
    name: String? = nil, daemon: Bool = false, context: ProcessContext? = nil,
    _ body: @escaping () throws -> Void
  ) { self.init(.closure(body), name: name, daemon: daemon, context: context) }

  /// Starts it; returns when the process is there, which under spawn and forkserver need not mean that its code
  /// runs. Writes out what is buffered in all C streams first, so that nothing is written twice. Throws `ProcessError`.
  public func start() throws(ProcessError) {
    try check("start", started: false)
    if Library.withLock({ Library.identity.isDaemon }) {
      throw .daemonHasNoChildren(name: name, daemon: currentProcess().name)
    }
    let method = context?.startMethod ?? Library.withLock { Library.chooseMethod() }
    try LibraryStart.checkIsNoLostChild(name: name, method: method)
    // Else a descriptor of the library's own could have the number of a closed stream, and be the child's.
    StandardStreams.fillClosed()
    fflush(nil)
    guard let target else { throw .alreadyStarted(name: name) }
    switch (target, method) {
    case (.closure(let body), .fork), (.function(_, _, let body), .fork): try fork(body)
    case (.closure, _): throw .closureNeedsFork(name: name, method: method)
    case (.function(let entry, let encode, _), _):
      try RemoteFunctionTable.check(entry, for: name)
      let arguments: [UInt8]
      do { arguments = try encode() } catch { throw .arguments("\(error)", name: name) }
      try launch(entry, arguments, method)
    }
  }

  /// Waits until it has ended, so long at most; nil waits without end. True when it has ended. May be called again.
  /// Throws `ProcessError`.
  @discardableResult
  public func join(timeout: Duration? = nil) throws(ProcessError) -> Bool {
    try join(until: timeout.map(MonotonicClock.deadline(after:)))
  }

  /// Whether it was started and has not ended. False in every other process than its parent.
  public var isAlive: Bool {
    Library.withLock {
      guard getpid() == creator, phase == .started else { return false }
      try? refresh()
      return status == nil
    }
  }

  /// Nil before the start. Stays known after the end, when the number may belong to another process.
  public var pid: Int32? { Library.withLock { knownPid } }

  /// How it ended: N for exit N, -N for signal N; nil while it has not. 255 where nobody was told: its fork server was
  /// killed, or this program reaped the process behind the library's back.
  public var exitStatus: Int? {
    Library.withLock {
      if getpid() == creator { try? refresh() }
      return status.map { Int($0) }
    }
  }

  /// A descriptor that is readable once the process has ended: for `wait`, `poll` or an event loop. Lent: valid until
  /// `close`. Throws `ProcessError`.
  public var sentinel: Int32 {
    get throws(ProcessError) {
      try check("get the sentinel of", started: true)
      return try Library.withLock { () throws(ProcessError) in
        try refresh()
        if sentinelDescriptor == nil { sentinelDescriptor = try makeSentinel() }
        return lentNumber(sentinelDescriptor)
      }
    }
  }

  /// SIGTERM: asks it to end. Nothing happens to one that has ended. Its own children end with it. Throws
  /// `ProcessError`.
  public func terminate() throws(ProcessError) { try send(SIGTERM, "terminate") }

  /// SIGKILL: ends it. Throws `ProcessError`.
  public func kill() throws(ProcessError) { try send(SIGKILL, "kill") }

  /// SIGINT, as by the terminal's interrupt key. Throws `ProcessError`.
  public func interrupt() throws(ProcessError) { try send(SIGINT, "interrupt") }

  /// Gives back what is held for it (descriptors). It must have ended or not have been started; its status stays known.
  /// Calling it again does nothing. Throws `ProcessError`.
  public func close() throws(ProcessError) {
    try checkIsOurs("close")
    try Library.withLock { () throws(ProcessError) in
      if phase == .started {
        try refresh()
        if status == nil { throw .stillRunning(name: name) }
      }
      phase = .closed
      process = nil
      sentinelDescriptor = nil
    }
  }
}

extension ChildProcess {
  private func checkIsOurs(_ operation: String) throws(ProcessError) {
    let own = getpid()
    if own == creator { return }
    // The child's own copy does not know its number.
    if operation == "join", Library.withLock({ Library.identity.path }) == path {
      throw .joinsItself(name: name)
    }
    throw .notOurChild(name: name, operation: operation)
  }

  private func check(_ operation: String, started: Bool) throws(ProcessError) {
    try checkIsOurs(operation)
    switch Library.withLock({ phase }) {
    case .closed: throw .closed(name: name, operation: operation)
    case .made where started: throw .notStarted(name: name, operation: operation)
    case .started where !started: throw .alreadyStarted(name: name)
    case .made, .started: return
    }
  }

  private func send(_ signal: Int32, _ operation: String) throws(ProcessError) {
    try check(operation, started: true)
    try Library.withLock { () throws(ProcessError) in
      guard status == nil, process != nil else { return }
      do { try process!.signal(signal) } catch { throw .system("\(error)", name: name) }
    }
  }

  /// The same as `join`, until a moment of `MonotonicClock`.
  func join(until deadline: UInt64?) throws(ProcessError) -> Bool {
    try check("join", started: true)
    while true {
      // A duplicate: another thread may close what is waited for here.
      let ended: Descriptor? = try Library.withLock { () throws(ProcessError) in
        try refresh()
        return status == nil ? try makeSentinel() : nil
      }
      let number = lentNumber(ended)
      if number < 0 { return true }
      do {
        if try !Poller.wait(for: number, until: deadline) { return false }
      } catch { throw .system("\(error)", name: name) }
    }
  }

  /// A descriptor of its own that is readable once the process has ended.
  private func makeSentinel() throws(ProcessError) -> Descriptor {
    do {
      if status == nil, process != nil { return try Descriptor.duplicate(lentNumber(process!.pidfd)) }
      // Always readable.
      return try Descriptor.open("/dev/null")
    } catch { throw .system("\(error)", name: name) }
  }

  /// Takes over how it ended, if it has. Never waits but for a fork server's word on an end that is certain. The lock
  /// is held.
  func refresh() throws(ProcessError) {
    guard phase == .started, status == nil, process != nil else { return }
    do {
      _ = try server?.facts()
      _ = try process!.facts()
      if process!.awaitsRelay, let server { try LibraryStart.waitForRelay(of: &process!, from: server) }
    } catch { throw .system("\(error)", name: name) }
    guard let exit = process!.exit else { return }
    status = exit.code
    server = nil
    Library.remove(self)
  }

  /// In a forked child: this is only a copy.
  func forget() {
    if process != nil { process!.forget() }
    sentinelDescriptor = nil
    server = nil
  }

  private func began(_ started: consuming StartedProcess, server: ForkServer? = nil) {
    knownPid = started.pid
    process = consume started
    self.server = server
    phase = .started
    target = nil
    Library.add(self)
  }

  private func fork(_ body: @escaping () throws -> Void) throws(ProcessError) {
    let identity = (name: name, daemon: daemon, path: path)
    try Library.withLock { () throws(ProcessError) in
      let parent = ParentProcess(name: Library.identity.name, pid: getpid())
      let chosen = Library.chosenMethod
      do throws(StartError) {
        began(
          try StartedProcess.fork(name: name) {
            AdoptedProcesses.disownAll()
            Library.becomeChild(
              ProcessIdentity(
                name: identity.name, pid: getpid(), isDaemon: identity.daemon, startMethod: .fork,
                path: identity.path), of: parent, method: chosen)
            cposix_exit_child(LibraryChild.finish(body))
          })
      } catch { throw ProcessError(error) }
    }
  }

  private func launch(
    _ entry: RemoteFunctionEntry, _ arguments: [UInt8], _ method: StartMethod
  ) throws(ProcessError) {
    try Library.withLock { () throws(ProcessError) in
      var payload = LibraryChild.Payload(
        function: entry.name, isDaemon: daemon, path: path,
        parent: ParentProcess(name: Library.identity.name, pid: getpid()), chosenMethod: Library.chosenMethod,
        announces: false, arguments: arguments)
      if method == .spawn {
        payload.announces = !Library.isSpawnProven
        began(try LibraryStart.spawn(LibraryStart.request(name: name, payload)))
      } else {
        var server: ForkServer?
        let started = try LibraryStart.serve(LibraryStart.request(name: name, payload), server: &server)
        began(started, server: server)
      }
    }
  }
}
