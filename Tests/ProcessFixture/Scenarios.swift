import Glibc
import Multiprocessing
import POSIXKit

/// The scenarios of the conformance suite, one for each thing that a start method promises.
enum Scenarios {
  static func run(_ name: String, _ method: StartMethod) throws {
    // The first call of anything may open a descriptor for good.
    let before = try openDescriptors()
    switch name {
    case "statuses": try statuses(method)
    case "output": try output(method)
    case "inherit": try inherit(method)
    case "foreground": try foreground(method)
    case "control": try control(method)
    case "threads": try threads(method)
    case "unknown": try unknown(method)
    case "external": try external(method)
    case "letgo": try letGo(method)
    case "orphans": try orphans(method)
    case "churn": try churn(method)
    case "timing": try timing(method)
    case "replace": try ServerScenarios.replace()
    case "sharing": try ServerScenarios.sharing()
    case "preload-error": try ServerScenarios.preloadError()
    case "silent": try ServerScenarios.silent()
    case "early-kill": try ServerScenarios.earlyKill()
    default: emit("error", text: "unknown scenario")
    }
    let after = try openDescriptors()
    emit("descriptors", number: after.count - before.count, text: "\(before) \(after)")
    var status: Int32 = 0
    let left = waitpid(-1, &status, WNOHANG)
    emit("children", number: left == -1 && errno == ECHILD ? 0 : 1)
  }

  static func openDescriptors() throws -> [Int32] {
    try namesInFolder("/proc/self/fd").compactMap(Int32.init).filter { fcntl($0, F_GETFD) >= 0 }.sorted()
  }

  private static func statuses(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    for order in ["exit 0", "exit 7", "exit 255", "raise 9", "raise 15", "crash"] {
      let slot = try supervision.agent(order)
      try supervision.waitReady([slot])
      try slot.child.send(Array(order.utf8))
      try supervision.waitExits([slot])
      emit("status", number: Int(slot.status!), text: order)
      if case .exited? = slot.facts.last {} else { emit("error", text: "exited is not the last fact") }
    }
    try supervision.end()
  }

  private static func output(_ method: StartMethod) throws {
    // Stays in this process's buffer over the fork.
    print("{\"fact\":\"buffered\"}")
    let supervision = try Supervision(method)
    let slot = try supervision.agent()
    try supervision.waitReady([slot])
    _ = try supervision.ask(slot, "say out")
    _ = try supervision.ask(slot, "complain err")
    let long = String(repeating: "x", count: 200_000)
    _ = try supervision.ask(slot, "say \(long)")
    try slot.child.send(Array("exit 3".utf8))
    try supervision.waitExits([slot])
    let said = slot.output(.standardOutput)
    emit("stdout", number: said.utf8.count, text: String(said.prefix(4)))
    emit("stderr", text: slot.output(.standardError))
    try supervision.end()
  }

  private static func inherit(_ method: StartMethod) throws {
    let strays = [dup(1), dup(1), dup(1)]
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGUSR1)
    sigaddset(&set, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    for signal in [SIGPIPE, SIGHUP, SIGINT] { try SignalDescriptor.ignore(signal) }
    let first = try SharedMemory(size: 1, name: "first")
    let second = try SharedMemory(size: 1, name: "second")
    first.bytes[0] = UInt8(ascii: "1")
    second.bytes[0] = UInt8(ascii: "2")
    let supervision = try Supervision(method)
    var request = StartRequest(target: Agent.target, payload: [1, 2, 3], name: "clean.0")
    request.descriptors = [second.descriptor.raw, first.descriptor.raw]
    let slot = try supervision.start(request)
    try supervision.waitReady([slot])
    emit("inspection", text: try supervision.ask(slot, "inspect"))
    emit("payload", number: try supervision.ask(slot, "payload").utf8.count)
    emit("passed", text: try supervision.ask(slot, "read 0") + supervision.ask(slot, "read 1"))
    for stray in strays { close(stray) }
    try supervision.end()
  }

  private static func foreground(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    var request = StartRequest(target: Agent.target, name: "terminal")
    request.foreground = true
    let slot = try supervision.start(request)
    try supervision.waitReady([slot])
    emit("inspection", text: try supervision.ask(slot, "inspect"))
    emit("group", number: getpgid(slot.child.pid!) == getpgrp() ? 1 : 0)
    try supervision.end()
  }

  private static func control(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    let slot = try supervision.agent()
    try supervision.waitReady([slot])
    let long = "echo " + String(repeating: "y", count: 1_000_000)
    emit("echo", number: try supervision.ask(slot, long).utf8.count)
    do { try slot.child.send([UInt8](repeating: 0, count: 2 << 20)) } catch {
      emit("tooLong", text: "\(error)")
    }
    slot.child.closeControl()
    try supervision.waitExits([slot])
    emit("status", number: Int(slot.status!), text: "closed")
    try supervision.end()
  }

  private static func threads(_ method: StartMethod) throws {
    let supervision = try Supervision(method, preload: ForkServer.Preload("threaded"))
    startIdleThread()
    do {
      let slot = try supervision.agent("worker.1")
      try supervision.waitReady([slot])
      emit("start", text: slot.failure.map { "\($0)" } ?? "started")
    } catch { emit("start", text: "\(error)") }
    try supervision.end()
  }

  private static func unknown(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    do { _ = try supervision.start(StartRequest(target: "nobody", name: "x")) } catch {
      emit("start", text: "\(error)")
    }
    try supervision.end()
  }

  /// A worker's external program ends with it, and is buried.
  private static func external(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    let slot = try supervision.agent()
    try supervision.waitReady([slot])
    let pid = Int32(try supervision.ask(slot, "external"))!
    try slot.child.signal(SIGKILL)
    try supervision.waitExits([slot])
    emit("status", number: Int(slot.status!), text: "killed")
    try supervision.wait(for: "the burial of the external program") { kill(pid, 0) != 0 }
    emit("external", number: 0)

    let orderly = try supervision.agent()
    try supervision.waitReady([orderly])
    let other = Int32(try supervision.ask(orderly, "external"))!
    try orderly.child.send(Array("exit 4".utf8))
    try supervision.waitExits([orderly])
    emit("status", number: Int(orderly.status!), text: "orderly")
    try supervision.wait(for: "the burial of the external program") { kill(other, 0) != 0 }
    try supervision.end()
  }

  /// A child whose handle is let go of is killed and buried.
  private static func letGo(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    func drop() throws -> Int32 {
      let slot = try supervision.agent()
      try supervision.waitReady([slot])
      supervision.remove(slot)
      return slot.child.pid!
    }
    let pid = try drop()
    try supervision.wait(for: "the burial of the dropped child") { kill(pid, 0) != 0 }
    emit("dropped", number: 0)
    try supervision.end()
  }

  /// Ends by being killed from outside.
  private static func orphans(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    let idle = try supervision.agent("idle")
    let busy = try supervision.agent("busy")
    try supervision.waitReady([idle, busy])
    var pids = [idle.child.pid!, busy.child.pid!]
    for slot in [idle, busy] { pids.append(Int32(try supervision.ask(slot, "external"))!) }
    if let pid = supervision.server?.pid { pids.append(pid) }
    // One ends in a computation, the other at the end of its channel.
    let path = "/tmp/procession-fixture-\(getpid())"
    for slot in [idle, busy] {
      let folder = "\(path)-\(slot.child.name)"
      guard mkdir(folder, 0o700) == 0 else { throw SystemCallError.last("mkdir", folder) }
      let file = try Descriptor.open("\(folder)/socket", O_CREAT | O_RDWR)
      _ = consume file
      _ = try supervision.ask(slot, "guard \(folder)")
    }
    _ = try supervision.ask(busy, "spin")
    emit("pids", text: path, numbers: pids.map(Int.init))
    while true { pause() }
  }

  private static func churn(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    let first = try supervision.agent()
    try supervision.waitReady([first])
    try supervision.stop(first)
    let before = try openDescriptors().count
    for _ in 0..<200 {
      let slot = try supervision.agent()
      try supervision.waitReady([slot])
      try supervision.stop(slot)
    }
    emit("leaked", number: try openDescriptors().count - before)
    emit("threads", number: try countOfThreads())
    if let pid = supervision.server?.pid {
      // The last acknowledgement may still be on its way.
      let children = "/proc/\(pid)/task/\(pid)/children"
      try supervision.wait(for: "the server to reap") { (try? textOfSystemFile(children)) == "" }
      emit("server", number: try namesInFolder("/proc/\(pid)/fd").count)
    }
    try supervision.end()
  }

  private static func timing(_ method: StartMethod) throws {
    let supervision = try Supervision(method)
    var times: [UInt64] = []
    for round in 0..<51 {
      let start = MonotonicClock.now()
      let slot = try supervision.agent()
      try supervision.waitReady([slot])
      if round > 0 { times.append(slot.readyAt! - start) }
      try supervision.stop(slot)
    }
    times.sort()
    emit(
      "readyMicroseconds", number: Int(times[25] / 1000),
      numbers: [times[0], times[49]].map { Int($0 / 1000) })
    try supervision.end()
  }
}
