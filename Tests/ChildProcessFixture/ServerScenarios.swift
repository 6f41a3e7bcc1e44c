import Glibc
import Multiprocessing
import POSIXKit

/// What the library does with fork servers.
enum ServerScenarios {
  /// The server's pid: the child of this process that is none of the processes.
  private static func server(but processes: [ChildProcess] = []) throws -> Int32 {
    let known = processes.compactMap(\.pid)
    guard let pid = try ownChildren().first(where: { !known.contains($0) }) else {
      throw Failure("no server")
    }
    return pid
  }

  private static func ended(_ function: RemoteFunction<Void>, _ name: String) throws {
    let process = ChildProcess(target: function, name: name, context: .forkserver)
    try process.start()
    try process.join()
    emit(name, "\(process.exitStatus!)")
  }

  /// A server that dies is replaced; its children end with it.
  static func dies(_ method: StartMethod) throws {
    let resting = ChildProcess(target: Functions.rest, context: .forkserver)
    try resting.start()
    let first = try ProcessWatch(server())
    try first.signal(SIGKILL)
    emit("joined", "\(try resting.join(timeout: .seconds(20)))")
    emit("resting", "\(resting.exitStatus!)")
    try ended(Functions.nothing, "next")
    emit("replaced", "\(try server() != first.pid)")
    // Again, and nobody has looked meanwhile.
    try ProcessWatch(server()).signal(SIGKILL)
    try ended(Functions.nothing, "last")
  }

  /// A server that no longer says how its children end.
  static func silent(_ method: StartMethod) throws {
    let process = ChildProcess(target: Functions.rest, context: .forkserver)
    try process.start()
    try ProcessWatch(server()).signal(SIGSTOP)
    try process.kill()
    emit("status", "\(process.exitStatus.map(String.init) ?? "none yet")")
    emit("joined", "\(try process.join(timeout: .seconds(20)))")
    emit("status", "\(process.exitStatus!)")
    try ended(Functions.nothing, "next")
  }

  static func preload(_ method: StartMethod) throws {
    try setForkserverPreload(Functions.load, 1000)
    try ended(Functions.loaded, "first")
    let resting = ChildProcess(target: Functions.rest, context: .forkserver)
    try resting.start()
    try setForkserverPreload(Functions.load, 2000)
    try ended(Functions.loaded, "second")
    // The former server's children live on.
    emit("resting", "\(resting.isAlive)")
    try resting.terminate()
    try resting.join()
    emit("resting", "\(resting.exitStatus!)")
    try ended(Functions.nothing, "third")
    emit("unlisted", thrown { try setForkserverPreload(Functions.other, 1) })
  }

  static func preloadFails(_ method: StartMethod) throws {
    try setForkserverPreload(Functions.fail)
    for _ in 0..<2 {
      emit(
        "start",
        thrown { try ChildProcess(target: Functions.nothing, name: "p", context: .forkserver).start() })
    }
    try setForkserverPreload(Functions.load, 1)
    try ended(Functions.nothing, "mended")
  }
}
