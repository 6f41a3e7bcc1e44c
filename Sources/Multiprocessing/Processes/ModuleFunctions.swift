import Glibc
import POSIXKit

/// Chooses how processes are made that are not told by a context. To be called at most once, at the top of `main`,
/// before the first start; `force` lifts that. Without it the method is fork, as in Python up to 3.13 on Linux;
/// the danger for which Python gave that up (a fork among threads) is an error here. Children have their parent's
/// method. Throws `ProcessError.startMethodChosen`.
public func setStartMethod(_ method: StartMethod, force: Bool = false) throws(ProcessError) {
  try Library.withLock { () throws(ProcessError) in
    if let chosen = Library.chosenMethod, !force {
      throw .startMethodChosen(chosen, wanted: method)
    }
    Library.chosenMethod = method
  }
}

/// How processes are made that are not told by a context. Any thread may call it.
public func startMethod() -> StartMethod { Library.withLock { Library.chosenMethod ?? .fork } }

/// All start methods, the default first. Any thread may call it.
public func allStartMethods() -> [StartMethod] { [.fork, .spawn, .forkserver] }

/// A context for a start method; without one, for that of `startMethod()`, which is then chosen for good. Any thread
/// may call it.
public func context(_ method: StartMethod? = nil) -> ProcessContext {
  ProcessContext(method ?? Library.withLock { Library.chooseMethod() })
}

/// Has fork servers run a function before their first fork: what it puts into globals, all children have, and share
/// the memory until somebody writes to it. The function must be listed in `bootstrap`. Holds for servers that start
/// later: the running one goes on for the children that it has. An error that it throws is thrown by each start.
/// Throws `ProcessError`. Any thread may call it.
public func setForkserverPreload<each Argument, Output>(
  _ function: RemoteFunction<repeat each Argument, Output>, _ arguments: repeat each Argument
) throws(ProcessError) {
  try RemoteFunctionTable.check(function.entry, for: Library.serverName)
  let bytes: [UInt8]
  do { bytes = try function.encode(repeat each arguments) } catch {
    throw .arguments("\(error)", name: Library.serverName)
  }
  Library.withLock { Library.setPreload(LibraryPreload.request(function.name, bytes)) }
}

/// Which process this is. Any thread may call it.
public func currentProcess() -> ProcessIdentity { Library.withLock { Library.identity } }

/// The process that started this one; nil in the main process. Any thread may call it.
public func parentProcess() -> ParentProcess? { Library.withLock { Library.parent } }

/// The processes that this one started and that run. Those that have ended are reaped. Any thread may call it.
public func activeChildren() -> [ChildProcess] {
  Library.withLock {
    for child in Library.children { try? child.refresh() }
    return Library.children
  }
}

/// The machine's processors, as Python's `cpu_count` counts them: this process may be kept to fewer. Any thread may
/// call it.
public func cpuCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

/// Waits until one of some descriptors is readable, such as `ChildProcess.sentinel`, or has hung up, and returns
/// those that are, in the order given: none when the time is over first. Nil waits without end. Throws
/// `ProcessError.system`. Any thread may call it.
public func wait(_ sentinels: [Int32], timeout: Duration? = nil) throws(ProcessError) -> [Int32] {
  if sentinels.isEmpty && timeout == nil { return [] }
  var poller = Poller()
  for (token, sentinel) in sentinels.enumerated() { poller.watch(sentinel, token: token) }
  do {
    let ready = try poller.wait(until: timeout.map(MonotonicClock.deadline(after:)))
    return ready.map { sentinels[$0.token] }
  } catch { throw .system("\(error)", name: "wait") }
}
