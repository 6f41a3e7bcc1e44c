import Glibc
import POSIXKit

/// Starting a library's child through the layer below, and waiting for what must be known before `start` returns.
enum LibraryStart {
  /// How long a spawned child may take to reach `bootstrap`, and a fork server to load what it shares.
  private static let patience = Duration.seconds(30)

  static func request(name: String, _ payload: LibraryChild.Payload) -> StartRequest {
    var request = StartRequest(target: LibraryChild.target, payload: payload.encoded(), name: name)
    request.foreground = true
    request.heedsInterrupt = true
    request.standardOutput = .descriptor(StandardStream.output)
    request.standardError = .descriptor(StandardStream.error)
    return request
  }

  /// This process is a child whose main did not call `bootstrap` as its first thing: it must not start others, which
  /// would do the same.
  static func checkIsNoLostChild(name: String, method: StartMethod) throws(ProcessError) {
    guard CommandLine.arguments.count > 1, CommandLine.arguments[1] == ProcessTargets.bootstrapWord,
      Library.withLock({ Library.parent }) == nil
    else { return }
    throw .bootstrapNotReached(
      name: name, method: method, what: "this process is itself a child that did not reach it")
  }

  /// Starts by spawn. The first of a program is waited for until it says that it reached `bootstrap`. The lock is held.
  static func spawn(_ request: StartRequest) throws(ProcessError) -> StartedProcess {
    var process: StartedProcess
    do { process = try StartedProcess.start(request, by: .spawn) } catch { throw ProcessError(error) }
    if !Library.isSpawnProven { try waitForWord(of: &process, request.name) }
    Library.isSpawnProven = true
    process.closeControl()
    return process
  }

  private static func waitForWord(
    of process: inout StartedProcess, _ name: String
  ) throws(ProcessError) {
    var deadline = MonotonicClock.deadline(after: patience)
    var isLate = false
    do {
      while true {
        for fact in try process.facts() {
          switch fact {
          case .message where !isLate: return
          case .message: continue
          case .exited(let status, _):
            let what =
              isLate ? "it had not after \(patience.components.seconds) s" : "it ended with \(status) first"
            throw ProcessError.bootstrapNotReached(name: name, method: .spawn, what: what)
          case .started, .startFailed, .output, .controlClosed, .controlFailed: continue
          }
        }
        var poller = Poller()
        process.watch(in: &poller, token: 0)
        if try poller.wait(until: deadline).isEmpty {
          if isLate { throw SystemCallError("waitid", errno: ETIMEDOUT, subject: name) }
          isLate = true
          try process.signal(SIGKILL)
          deadline = MonotonicClock.deadline(after: .seconds(5))
        }
      }
    } catch let error as ProcessError {
      throw error
    } catch { throw .system("\(error)", name: name) }
  }

  /// Starts through the fork server, which is started first where there is none, and again where it turns out to have
  /// died. Waits until the process is there. The lock is held.
  static func serve(
    _ request: StartRequest, server: inout ForkServer?
  ) throws(ProcessError) -> StartedProcess {
    for _ in 0..<2 {
      let found: ForkServer
      do { found = try Library.runningServer() } catch { throw ProcessError(error) }
      server = found
      var process: StartedProcess
      do { process = try found.start(request) } catch {
        if case .serverGone = error { continue }
        throw ProcessError(error)
      }
      if try waitForStart(of: &process, by: found, request.name) {
        process.closeControl()
        return process
      }
    }
    throw .system("\(StartError.serverGone(name: request.name))", name: request.name)
  }

  /// False where the server died, after it had been ready.
  private static func waitForStart(
    of process: inout StartedProcess, by server: ForkServer, _ name: String
  ) throws(ProcessError) -> Bool {
    let deadline = MonotonicClock.deadline(after: patience)
    var wasReady = server.isReady
    do {
      while true {
        for fact in try server.facts() {
          switch fact {
          case .ready: wasReady = true
          case .preloadFailed(let text):
            Library.forget(server)
            throw ProcessError.preloadFailed(text, name: name)
          case .ended(let status, _) where !wasReady:
            throw ProcessError.bootstrapNotReached(
              name: name, method: .forkserver, what: "it ended with \(status) first")
          case .ended, .output: continue
          }
        }
        for fact in try process.facts() {
          switch fact {
          case .started: return true
          case .startFailed(.serverGone): return false
          case .startFailed(let error): throw ProcessError(error)
          case .exited, .message, .output, .controlClosed, .controlFailed: continue
          }
        }
        var poller = Poller()
        server.watch(in: &poller, token: 0)
        if try poller.wait(until: MonotonicClock.nearest(deadline, server.nextDeadline)).isEmpty,
          MonotonicClock.now() >= deadline
        {
          Library.forget(server)
          throw ProcessError.bootstrapNotReached(
            name: name, method: .forkserver, what: "it had not after \(patience.components.seconds) s")
        }
      }
    } catch let error as ProcessError {
      throw error
    } catch { throw .system("\(error)", name: name) }
  }

  /// Its pidfd says that it has ended, and the server knows how: waits for the server's word. A server that does not
  /// say it is ended. The lock is held.
  static func waitForRelay(
    of process: inout StartedProcess, from server: ForkServer
  ) throws(SystemCallError) {
    var deadline = MonotonicClock.deadline(after: .seconds(5))
    var isKilled = false
    while !process.isFinished {
      var poller = Poller()
      server.watch(in: &poller, token: 0)
      let isSilent = server.hasEnded ? false : try poller.wait(until: deadline).isEmpty
      if isSilent {
        if isKilled { throw SystemCallError("waitid", errno: ETIMEDOUT, subject: server.name) }
        isKilled = true
        Library.forget(server)
        deadline = MonotonicClock.deadline(after: .seconds(5))
      }
      _ = try server.facts()
      _ = try process.facts()
    }
  }
}

extension ProcessError {
  init(_ error: StartError) {
    switch error {
    case .threads(let count, let name): self = .threads(count, name: name)
    case .unknownTarget(_, let name, _), .tooManyDescriptors(_, let name, _), .serverGone(let name),
      .serverSilent(let name), .server(_, let name), .system(_, let name):
      self = .system("\(error)", name: name)
    }
  }
}
