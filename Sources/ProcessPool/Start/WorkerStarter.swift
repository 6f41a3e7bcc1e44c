import Glibc
import Multiprocessing
import POSIXKit

/// Starts a pool's workers by one of the start methods.
final class WorkerStarter {
  /// What forks the workers, where one does: the nursery of a fork pool, which was forked before this process
  /// had threads, or a fork server.
  private(set) var server: ForkServer?
  private let method: StartMethod
  private let launches: [Launch]
  private let name: String

  /// Under fork and forkserver the server is started here. Throws `StartError`.
  init(_ method: StartMethod, launches: [Launch], name: String) throws(StartError) {
    self.method = method
    self.launches = launches
    self.name = name
    PoolWorkerMain.register()
    if !launches.isEmpty { return }
    switch method {
    case .fork: server = try ForkServer(name: "\(name)-nursery", by: .fork)
    case .forkserver: server = try ForkServer(name: "\(name)-server", preload: forkserverPreload())
    case .spawn: break
    }
  }

  /// Starts a worker. Throws `StartError`, `SystemCallError`.
  func start(_ plan: WorkerPlan, outbox: PoolTransport.Outbox?) throws -> WorkerSeat {
    if !launches.isEmpty { return try launch(plan, launches[plan.worker.slot % launches.count], outbox) }
    let page = try WorkerPage.make()
    var request = StartRequest(
      target: PoolWorkerMain.target, payload: plan.encoded(), name: "\(name).\(plan.worker.slot)")
    request.descriptors = [page.memory.descriptor.raw]
    request.standardOutput = .descriptor(StandardStream.output)
    if method == .forkserver, server?.hasEnded != false {
      server = try ForkServer(name: "\(name)-server", preload: forkserverPreload())
    }
    if let server {
      return WorkerSeat(plan, try server.start(request), page: page, outbox: outbox, lifeline: nil)
    }
    return WorkerSeat(
      plan, try StartedProcess.start(request, by: .spawn), page: page, outbox: outbox, lifeline: nil)
  }

  private func launch(
    _ plan: WorkerPlan, _ launch: Launch, _ outbox: PoolTransport.Outbox?
  ) throws -> WorkerSeat {
    let own = launch.executable ?? Self.ownPath
    let words = launch.prefix + [own, RemoteWorkerMain.word]
    var input = try Pipe()
    var request = StartRequest(target: "", name: "\(name).\(plan.worker.slot)")
    let reading = input.takeReadEnd()
    request.standardInput = .descriptor(reading.raw)
    request.standardOutput = .descriptor(StandardStream.output)
    let process = try StartedProcess.start(
      program: try Self.path(of: words[0]), arguments: Array(words.dropFirst()), request)
    let writing = input.takeWriteEnd()
    // Far less than a pipe holds.
    try writing.writeAll(RemoteWorkerMain.record(plan))
    return WorkerSeat(plan, process, page: nil, outbox: outbox, lifeline: writing)
  }

  private static var ownPath: String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    return String(decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Where a program is, by PATH. Throws `SystemCallError`; ENOENT where it is nowhere.
  private static func path(of program: String) throws(SystemCallError) -> String {
    if program.contains("/") { return program }
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    for folder in folders.split(separator: ":") {
      let path = "\(folder)/\(program)"
      if access(path, X_OK) == 0 { return path }
    }
    throw SystemCallError("posix_spawn", errno: ENOENT, subject: program)
  }
}
