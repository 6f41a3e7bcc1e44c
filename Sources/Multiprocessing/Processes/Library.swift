import CPOSIX
import Glibc
import POSIXKit

/// What the library knows in one process: which one it is, its children, its fork server.
///
/// One lock guards it all, and is held for short steps only, never while a child is waited for (but while a fork
/// server is: it answers within its deadline).
enum Library {
  nonisolated(unsafe) private static var mutex = makeMutex()
  /// The process that all of this is true for.
  nonisolated(unsafe) static var owner = getpid()
  nonisolated(unsafe) static var identity = ProcessIdentity(
    name: "MainProcess", pid: getpid(), isDaemon: false, startMethod: nil, path: "")
  nonisolated(unsafe) static var parent: ParentProcess?
  nonisolated(unsafe) static var chosenMethod: StartMethod?
  /// Started and not known to have ended, in the order of their starts. Running children are kept alive by it.
  nonisolated(unsafe) static var children: [ChildProcess] = []
  /// How many processes were made here.
  nonisolated(unsafe) private static var made = 0
  nonisolated(unsafe) private static var server: ForkServer?
  /// Servers of former preloads, which still have children.
  nonisolated(unsafe) private static var retired: [ForkServer] = []
  nonisolated(unsafe) private static var preload: ForkServer.Preload?
  nonisolated(unsafe) private static var hasExitHandler = false
  /// A spawned child got as far as `bootstrap`: so will the others.
  nonisolated(unsafe) static var isSpawnProven = false

  static let serverName = "forkserver"

  private static func makeMutex() -> UnsafeMutablePointer<pthread_mutex_t> {
    let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    return mutex
  }

  static func withLock<Value: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// The start method for who is not told; from now on it is chosen.
  static func chooseMethod() -> StartMethod {
    let method = chosenMethod ?? .fork
    chosenMethod = method
    return method
  }

  static func nameNext() -> (name: String, path: String) {
    made += 1
    return identity.nameOfChild(made)
  }

  /// A child was started.
  static func add(_ child: ChildProcess) {
    children.append(child)
    if hasExitHandler { return }
    hasExitHandler = true
    atexit { Library.processExits() }
  }

  static func remove(_ child: ChildProcess) { children.removeAll { $0 === child } }

  /// In a child that was just made: nothing that the parent had is this process's.
  static func becomeChild(_ identity: ProcessIdentity, of parent: ParentProcess, method: StartMethod?) {
    // Where it was forked, its parent's only thread held the lock.
    mutex = makeMutex()
    for child in children { child.forget() }
    server?.forget()
    for server in retired { server.forget() }
    children = []
    server = nil
    retired = []
    made = 0
    isSpawnProven = false
    owner = getpid()
    self.identity = identity
    self.parent = parent
    chosenMethod = method
  }

  static var currentPreload: ForkServer.Preload? { preload }

  static func setPreload(_ preload: ForkServer.Preload) {
    self.preload = preload
    if let server { retired.append(server) }
    server = nil
  }

  /// The server that is there, or a new one. Throws `StartError`.
  static func runningServer() throws(StartError) -> ForkServer {
    retireIdle()
    if let server {
      _ = try? server.facts()
      if !server.hasEnded { return server }
    }
    let made = try ForkServer(
      name: serverName, preload: preload, standardOutput: .descriptor(StandardStream.output),
      standardError: .descriptor(StandardStream.error))
    server = made
    return made
  }

  /// A server that did not do what it should is not asked again.
  static func forget(_ bad: ForkServer) {
    if server === bad { server = nil }
    bad.kill()
    retired.append(bad)
  }

  private static func retireIdle() {
    for old in retired where old.isIdle { bury(old) }
    retired.removeAll { $0.hasEnded }
  }

  /// Ends a server that has no children and sees to its burial. It is asked to, since it has to bury its own children;
  /// one that does not listen is killed.
  private static func bury(_ server: ForkServer) {
    server.finish()
    for _ in 0..<2 {
      let deadline = MonotonicClock.deadline(after: .seconds(1))
      while MonotonicClock.now() < deadline {
        guard (try? server.facts()) != nil else { return }
        if server.hasEnded { return }
        var poller = Poller()
        server.watch(in: &poller, token: 0)
        guard (try? poller.wait(until: deadline)) != nil else { return }
      }
      server.kill()
    }
  }

  /// At the exit of a process: daemons are ended, the others are waited for, as Python does. Whatever still runs when
  /// this process is killed instead ends with it.
  static func processExits() {
    guard getpid() == owner else { return }
    let all = withLock { children }
    for child in all where child.daemon { try? child.terminate() }
    let end = MonotonicClock.deadline(after: .seconds(2))
    for child in all where child.daemon {
      if (try? child.join(until: end)) != true {
        try? child.kill()
        _ = try? child.join()
      }
    }
    for child in all { _ = try? child.join() }
    withLock {
      if let server { bury(server) }
      for old in retired { bury(old) }
    }
  }
}

/// What `setForkserverPreload` asked for, for fork servers of layers above.
package func forkserverPreload() -> ForkServer.Preload? { Library.withLock { Library.currentPreload } }

/// The standard streams as a child gets them.
package enum StandardStream {
  package static var output: Int32 { isOpen(1) }
  package static var error: Int32 { isOpen(2) }

  /// -1, which stands for /dev/null, where the stream is closed.
  private static func isOpen(_ number: Int32) -> Int32 { fcntl(number, F_GETFD) < 0 ? -1 : number }
}
