import CPOSIX
import Glibc
import POSIXKit

/// The owner's handle of a fork server: a process of one thread that loads what its children share and then
/// forks on request.
///
/// After Python's forkserver, without its faults: preload errors are reported, buffered output is not doubled,
/// statuses are true even when the server dies. No call waits for the server; each start has a deadline. When
/// it ends (`ForkServerFact.ended`), its children end with it and the owner makes a new one. For one thread.
package final class ForkServer {
  /// What the server loads before its first fork.
  package struct Preload: Sendable {
    /// As registered with `ProcessTargets.registerPreload`.
    package var target: String
    package var payload: [UInt8]

    package init(_ target: String, payload: [UInt8] = []) {
      self.target = target
      self.payload = payload
    }
  }

  package let name: String
  var process: StartedProcess
  let socket: Descriptor
  var state = StateMachine()
  var served: [UInt64: ServedStart] = [:]
  private var unsent: [UInt64: Outgoing] = [:]
  private var outbox: [Outgoing] = []
  private var nextID: UInt64 = 1

  /// A request with descriptors of its own, so that it can wait.
  private final class Outgoing {
    let bytes: [UInt8]
    let numbers: [Int32]

    init(_ request: ForkServerRequest, duplicating lent: [Int32] = []) throws(SystemCallError) {
      bytes = request.encoded()
      var owned: [Int32] = []
      do {
        for number in lent { owned.append(try Descriptor.duplicate(number).release()) }
      } catch {
        for number in owned { _ = close(number) }
        throw error
      }
      numbers = owned
    }

    deinit { for number in numbers { _ = close(number) } }
  }

  /// Starts the server by spawn, or by fork: then its children have all that this process has in memory now,
  /// also once this process has threads. It is ready when `ForkServerFact.ready` says so; starts may be asked for
  /// before. What the server itself prints is captured unless told otherwise. Throws `StartError`.
  package init(
    name: String, preload: Preload? = nil, by method: StartedProcess.DirectMethod = .spawn,
    standardOutput: StartRequest.Output = .captured, standardError: StartRequest.Output = .captured
  ) throws(StartError) {
    if let preload, ProcessTargets.preload(named: preload.target) == nil {
      throw .unknownTarget(preload.target, name: name, known: [])
    }
    self.name = name
    let ends = try Self.connect(name)
    socket = Descriptor(owning: ends.near)
    let far = Descriptor(owning: ends.far)
    var writer = WireWriter()
    writer.write(preload?.target ?? "")
    writer.write(preload?.payload ?? [])
    var request = StartRequest(target: ForkServerMain.target, payload: writer.bytes, name: name)
    request.descriptors = [far.raw]
    request.standardOutput = standardOutput
    request.standardError = standardError
    process = try StartedProcess.start(request, by: method)
  }

  /// Letting go of the server ends it, and with it its children.
  deinit { for box in served.values { box.serverEnded = true } }

  private static func connect(_ name: String) throws(StartError) -> (near: Int32, far: Int32) {
    do {
      var pair = try SocketPair(.sequenced)
      let near = pair.takeNear()
      try near.setNonblocking()
      return (near.release(), pair.takeFar().release())
    } catch { throw .system(error, name: name) }
  }

  /// The server's own pid.
  package var pid: Int32? { process.pid }

  /// It has ended; nothing can be started by it any more.
  package var hasEnded: Bool { process.isFinished }

  /// Asks for a child and returns its handle at once: `ChildFact.started` or `.startFailed` follows. `limit`:
  /// the time the server has to answer once it is ready. Throws `StartError`.
  package func start(
    _ request: StartRequest, within limit: Duration = .seconds(10)
  ) throws(StartError) -> StartedProcess {
    try ProcessTargets.check(request)
    let most = Descriptor.mostPassed - 5
    if request.descriptors.count > most {
      throw .tooManyDescriptors(request.descriptors.count, name: request.name, most: most)
    }
    if hasEnded { throw .serverGone(name: request.name) }
    do {
      var channels = try LaunchChannels(request)
      let file = try BootstrapRecord(request, .forkserver).memoryFile()
      let id = nextID
      let nullInput = request.standardInput == .null
      let message = ForkServerRequest.start(
        id: id, group: request.foreground ? getpgrp() : 0, nullInput: nullInput, name: request.name)
      let lent = channels.childDescriptors(request) + [file.raw]
      unsent[id] = try Outgoing(message, duplicating: Array(lent.dropFirst(nullInput ? 1 : 0)))
      let box = ServedStart(id: id, name: request.name, server: self)
      let control = try ControlChannel(channels.takeControl())
      let child = try StartedProcess(
        name: request.name, method: .forkserver, pid: nil, leadsGroup: !request.foreground,
        control: control, standardOutput: channels.takeOutput(), standardError: channels.takeError(),
        served: box)
      nextID += 1
      served[id] = box
      carryOut(
        state.startRequested(id: id, within: limit.wholeNanoseconds, now: MonotonicClock.now()))
      return child
    } catch { throw .system(error, name: request.name) }
  }

  /// For the copy in a forked child: whatever becomes of it, the server is left alone.
  func forget() { process.forget() }

  /// Its preload has run, and it has not ended.
  var isReady: Bool { state.phase == .ready }

  /// No child of it is left to be told of.
  var isIdle: Bool { served.isEmpty }

  /// Tells the server to end when it has done all that it was asked for; children that run end with it.
  package func finish() {
    flush()
    _ = shutdown(socket.raw, Int32(SHUT_WR))
  }

  /// Ends the server, and with it its children.
  package func kill() {
    _ = try? process.signalGroup(SIGKILL)
  }

  var wantsWrite: Bool { !outbox.isEmpty }

  func carryOut(_ actions: [StateMachine.Action]) {
    for action in actions {
      switch action {
      case .transmit(let id):
        if let outgoing = unsent.removeValue(forKey: id) { outbox.append(outgoing) }
      case .fail(let id, let failure):
        unsent[id] = nil
        guard let box = served.removeValue(forKey: id) else { continue }
        box.failure =
          switch failure {
          case .gone: .serverGone(name: box.name)
          case .silent: .serverSilent(name: box.name)
          case .preload(let text): .server(text, name: box.name)
          }
      case .kill: kill()
      }
    }
    flush()
  }

  /// The owner knows the child's status: the server may reap it.
  func acknowledge(_ id: UInt64) {
    served[id] = nil
    if hasEnded { return }
    // No descriptors, so nothing can fail.
    if let outgoing = try? Outgoing(.reap(id: id)) { outbox.append(outgoing) }
    flush()
  }

  /// Sends what the socket takes now.
  func flush() {
    while let first = outbox.first {
      // A broken socket is a dead server, which its own facts will tell.
      switch (try? socket.send(first.bytes, passing: first.numbers)) ?? .closed {
      case .bytes: outbox.removeFirst()
      case .wouldBlock: return
      case .closed: outbox.removeAll()
      }
    }
  }
}
