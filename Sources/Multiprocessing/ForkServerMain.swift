import CPOSIX
import Glibc
import POSIXKit

/// The fork server's own process.
///
/// It stays with one thread, ignores SIGINT, has no input, and ends when its owner does.
enum ForkServerMain {
  static let target = "procession.forkserver"

  /// The server's entry function. The exit status says why it ended: 0 its owner is gone, 1 the preload
  /// failed.
  static func run(_ context: inout ChildContext) -> Int32 {
    _ = cposix_ignore_signal(SIGINT)
    var server = Server(socket: context.takeDescriptor(0))
    var reader = WireReader(context.payload)
    guard let name = reader.text(), let payload = reader.bytesField() else {
      server.tell(.preloadFailed("bad preload record"))
      return 1
    }
    if !name.isEmpty {
      guard let preload = ProcessTargets.preload(named: name) else {
        server.tell(.preloadFailed("no preload '\(name)' is registered"))
        return 1
      }
      do { server.preloaded = try preload(payload) } catch {
        server.tell(.preloadFailed("\(error)"))
        return 1
      }
    }
    fflush(nil)
    server.tell(.ready)
    do { try server.serve() } catch {
      ChildEntry.fail("fork server: \(error)")
    }
    return 0
  }

  /// The loop: requests from the owner, exits of children.
  private struct Server: ~Copyable {
    let socket: Descriptor
    var preloaded: AnyObject?
    /// The children that have not been reaped.
    private var children: [UInt64: Child] = [:]
    private var isOwnerGone = false

    private final class Child {
      let pidfd: Descriptor
      var isEnded = false
      init(pidfd: consuming Descriptor) { self.pidfd = pidfd }
    }

    init(socket: consuming Descriptor) { self.socket = socket }

    mutating func serve() throws(SystemCallError) {
      var poller = Poller()
      while !isOwnerGone {
        poller.removeAll()
        poller.watch(socket.raw, token: 0)
        for (id, child) in children where !child.isEnded {
          poller.watch(child.pidfd.raw, token: Int(id))
        }
        for ready in try poller.wait(until: nil) {
          if ready.token == 0 { try receive() } else { try tellExit(UInt64(ready.token)) }
        }
      }
      // Nobody else can.
      for child in children.values { _ = try ExitObservation.look(at: .pidfd(child.pidfd.raw), reap: true) }
    }

    /// Waits until the owner takes it, which it always does or is gone.
    mutating func tell(_ reply: ForkServerReply, passing lent: [Int32] = []) {
      if (try? socket.send(reply.encoded(), passing: lent)) ?? .closed == .closed { isOwnerGone = true }
    }

    private mutating func receive() throws(SystemCallError) {
      switch try socket.receivePassed() {
      case .end: isOwnerGone = true
      case .wouldBlock: return
      case .message(let message):
        switch ForkServerRequest(message.bytes) {
        case .start(let id, let group, let nullInput, let name):
          let descriptors = (nullInput ? [-1] : []) + message.lent
          start(id, group: group, name: name, descriptors: descriptors)
        case .reap(let id):
          guard let child = children.removeValue(forKey: id) else { return }
          _ = try ExitObservation.look(at: .pidfd(child.pidfd.raw), reap: true)
        case nil: return
        }
      }
    }

    private mutating func start(_ id: UInt64, group: Int32, name: String, descriptors: [Int32]) {
      do {
        let count = try countOfThreads()
        if count != 1 { return tell(.threads(id: id, count: count)) }
        let preloaded = preloaded
        let recordNumber = Int32(descriptors.count - 1)
        let pid = try ForkSeam.fork(name: name, group: group, descriptors: descriptors) {
          ForkServerMain.enter(recordNumber, preloaded)
        }
        let raw = cposix_pidfd_open(pid)
        guard raw >= 0 else {
          let error = SystemCallError.last("pidfd_open", name)
          kill(pid, SIGKILL)
          throw error
        }
        let child = Child(pidfd: Descriptor(owning: raw))
        children[id] = child
        tell(.started(id: id, pid: pid), passing: [child.pidfd.raw])
      } catch { tell(.startFailed(id: id, text: "\(error)")) }
    }

    private mutating func tellExit(_ id: UInt64) throws(SystemCallError) {
      guard let child = children[id], !child.isEnded,
        case .exited(let seen) = try ExitObservation.look(at: .pidfd(child.pidfd.raw), reap: false)
      else { return }
      child.isEnded = true
      tell(.exited(id: id, seen))
    }
  }

  /// In the forked child.
  private static func enter(_ recordNumber: Int32, _ preloaded: AnyObject?) -> Never {
    do {
      let file = Descriptor(owning: recordNumber)
      guard let record = try BootstrapRecord(memoryFile: file) else {
        ChildEntry.fail("bad bootstrap record")
      }
      _ = consume file
      ChildEntry.run(record, preloaded: preloaded)
    } catch { ChildEntry.fail("\(error)") }
  }
}
