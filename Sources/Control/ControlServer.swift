import Glibc
import POSIXKit

/// The socket at which a run can be looked at and steered, served in turns of its supervisor's loop.
///
/// Nothing here waits but ``ended(_:)``, which has a short deadline. A client can't hold up the run, whatever it
/// does: see ``ControlConnectionStateMachine``. For one thread.
package final class ControlServer {
  /// How much all clients together may cost.
  package struct Limits: Sendable {
    package var clients = 32
    package var connection = ControlConnectionStateMachine.Limits()
    /// Records of the log that are kept for who asks later.
    package var records = 1000
    /// Nobody is accepted for so long after there was no descriptor for one, in nanoseconds.
    package var acceptPause: UInt64 = 1_000_000_000
    /// For the last words to the clients, in nanoseconds.
    package var lastWords: UInt64 = 1_000_000_000

    package init() {}
  }

  private final class Client {
    let socket: Descriptor
    var machine: ControlConnectionStateMachine

    init(_ socket: consuming Descriptor, _ machine: ControlConnectionStateMachine) {
      self.socket = socket
      self.machine = machine
    }
  }

  /// The memory with the pages, to look at only.
  private final class Pages {
    let descriptor: Descriptor

    init(_ lent: Int32) throws(SystemCallError) { descriptor = try Descriptor.open("/proc/self/fd/\(lent)") }
  }

  private let listener: LocalListener
  private let limits: Limits
  private let isAllowed: (PeerCredentials) -> Bool
  private var clients: [Client] = []
  private var pages: Pages?
  /// The last records, oldest first from `oldest` on.
  private var records: [LogRecord] = []
  private var oldest = 0
  private var acceptsFrom: UInt64 = 0

  /// Listens at a path in the run's folder, mode 0600. Throws `SystemCallError`.
  package init(
    path: String, limits: Limits = Limits(),
    isAllowed: @escaping (PeerCredentials) -> Bool = { $0.isOwnUserOrRoot }
  ) throws(SystemCallError) {
    listener = try LocalListener(path: path)
    self.limits = limits
    self.isAllowed = isAllowed
  }

  /// Clients that are connected.
  package var clientCount: Int { clients.count }

  package func watch(in poller: inout Poller, token: Int) {
    if acceptsFrom == 0 { poller.watch(listener.descriptor.raw, token: token) }
    for client in clients {
      var interest: Poller.Interest = []
      if client.machine.wantsInput { interest.insert(.readable) }
      if client.machine.nextOutput != nil { interest.insert(.writable) }
      poller.watch(client.socket.raw, for: interest, token: token)
    }
  }

  /// When ``handle(now:run:)`` is to be called though nothing is ready; nil: never.
  package var nextDeadline: UInt64? {
    clients.reduce(acceptsFrom == 0 ? nil : acceptsFrom) {
      MonotonicClock.nearest($0, $1.machine.nextDeadline)
    }
  }

  /// Takes who has come, reads, answers, writes. To be called when something is ready or the deadline has
  /// passed; at other times it finds nothing to do.
  package func handle(now: UInt64, run: any ControlledRun) {
    if acceptsFrom <= now { acceptsFrom = 0 }
    var poller = Poller()
    watch(in: &poller, token: 0)
    let ready = (try? poller.wait(until: 0)) ?? []
    for client in clients {
      if let found = ready.first(where: { $0.descriptor == client.socket.raw }) {
        if found.readable && client.machine.wantsInput { read(client, now: now) }
        if found.writable { write(client, now: now) }
        serve(client, now: now, run: run)
        if found.hungUp { client.machine.wasLost() }
      }
      client.machine.deadlineReached(now: now)
      write(client, now: now)
    }
    if ready.contains(where: { $0.descriptor == listener.descriptor.raw }) { accept(now: now, run: run) }
    closeFinished(run: run)
  }

  /// Tells those who wait for the end of a command that has come to its end. To be called when the run may have
  /// changed.
  package func settle(run: any ControlledRun) {
    for client in clients {
      guard let command = client.machine.awaited, run.isSettled(command) else { continue }
      let now = MonotonicClock.now()
      client.machine.settled(now: now)
      serve(client, now: now, run: run)
      write(client, now: now)
    }
    closeFinished(run: run)
  }

  /// Passes a record on to those who follow the log, and keeps it for those who ask later.
  package func publish(_ record: LogRecord) {
    if records.count < limits.records {
      records.append(record)
    } else {
      records[oldest] = record
      oldest = (oldest + 1) % limits.records
    }
    var line: [UInt8]?
    for client in clients where client.machine.follows(record) {
      let now = MonotonicClock.now()
      let bytes = line ?? ControlConnectionStateMachine.line(record)
      line = bytes
      client.machine.publish(record, line: bytes, now: now)
      write(client, now: now)
    }
  }

  /// Tells everybody that the run is over, for a second at most, and closes all connections. What comes later
  /// finds nobody.
  package func ended(outcome: String, status: Int32, text: String) {
    let end = RunEnd(outcome: outcome, exit_status: status, text: text)
    for client in clients {
      let now = MonotonicClock.now()
      client.machine.runEnded(end, now: now)
      write(client, now: now)
    }
    let deadline = MonotonicClock.now() + limits.lastWords
    while true {
      clients.removeAll { $0.machine.shouldClose }
      if clients.isEmpty || MonotonicClock.now() >= deadline { break }
      var poller = Poller()
      for client in clients { poller.watch(client.socket.raw, for: .writable, token: 0) }
      guard let ready = try? poller.wait(until: deadline) else { break }
      for client in clients where ready.contains(where: { $0.descriptor == client.socket.raw }) {
        write(client, now: MonotonicClock.now())
      }
    }
    clients = []
  }

  private func accept(now: UInt64, run: any ControlledRun) {
    // As many as there may be at once: the loop has other work, too.
    for _ in 0..<limits.clients {
      do {
        guard let socket = try listener.accept() else { return }
        welcome(socket, now: now, run: run)
      } catch {
        // They wait in the queue until a descriptor is free.
        acceptsFrom = now + limits.acceptPause
        return
      }
    }
  }

  private func welcome(_ socket: consuming Descriptor, now: UInt64, run: any ControlledRun) {
    let client = Client(socket, ControlConnectionStateMachine(limits: limits.connection, now: now))
    let peer = try? client.socket.peerCredentials()
    if peer.map(isAllowed) != true {
      client.machine.refuse("this run is another user's; only that user and root may control it", now: now)
    } else if clients.count >= limits.clients {
      client.machine.refuse(
        "\(limits.clients) clients are connected already, which is the most; try again later", now: now)
    } else {
      clients.append(client)
      read(client, now: now)
      serve(client, now: now, run: run)
      write(client, now: now)
      return
    }
    // Fits into the empty buffer of a new socket, or is not worth the wait.
    write(client, now: now)
  }

  private func read(_ client: Client, now: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
      do {
        switch try client.socket.read(into: buffer) {
        case .bytes(let count): client.machine.received(buffer[..<count], now: now)
        case .wouldBlock: break
        case .end: client.machine.inputEnded()
        }
      } catch {
        client.machine.wasLost()
      }
    }
  }

  private func write(_ client: Client, now: UInt64) {
    while let (bytes, passesPages) = client.machine.nextOutput {
      do {
        let result: WriteResult
        if passesPages, let pages {
          result = try client.socket.send(Array(bytes), passing: [pages.descriptor.raw])
        } else {
          result = try client.socket.send(bytes)
        }
        switch result {
        case .bytes(let count): client.machine.sent(count, now: now)
        case .wouldBlock: return
        case .closed:
          client.machine.wasLost()
          return
        }
      } catch {
        client.machine.wasLost()
        return
      }
    }
  }

  private func serve(_ client: Client, now: UInt64, run: any ControlledRun) {
    while let request = client.machine.nextRequest(now: now) {
      switch request {
      case .status: client.machine.answer(.status(run.status()), now: now)
      case .command(let command, let waits):
        client.machine.answer(command, run.carryOut(command), waits: waits, now: now)
        if let awaited = client.machine.awaited, run.isSettled(awaited) { client.machine.settled(now: now) }
      case .logs(let name, let lines, let follows):
        client.machine.tellLog(
          Array(records[oldest...] + records[..<oldest]), of: name, lines: lines, follows: follows, now: now)
      case .end: client.machine.awaitEnd()
      case .pages: answerPages(client, now: now, run: run)
      }
      write(client, now: now)
    }
  }

  private func answerPages(_ client: Client, now: UInt64, run: any ControlledRun) {
    do {
      if pages == nil { pages = try Pages(run.pagesDescriptor) }
      client.machine.answer(.pages(PagesLayout(run.status())), now: now)
    } catch {
      client.machine.answer(.refused("the pages can't be passed on: \(error)"), now: now)
    }
  }

  /// What a client has set up goes with it.
  private func closeFinished(run: any ControlledRun) {
    let finished = clients.filter { $0.machine.shouldClose }
    if finished.isEmpty { return }
    clients.removeAll { $0.machine.shouldClose }
    for path in finished.flatMap(\.machine.taps) { _ = run.carryOut(.untap(path: path)) }
  }
}
