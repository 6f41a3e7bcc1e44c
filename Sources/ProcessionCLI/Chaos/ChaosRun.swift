import Coordination
import Delivery
import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile
import Worker

/// One supervisor under chaos: its process, the memory that it shares with us, and what it said.
final class ChaosRun {
  private static let keptLines = 40

  let targets: ChaosTargets
  private let memory: SharedMemory
  private(set) var process: StartedProcess
  private(set) var status: Int32?
  private(set) var lastLines: [String] = []
  private var partial: [UInt8] = []

  static func start(_ plan: Plan, stateFolder: String, fresh: Bool) throws -> ChaosRun {
    let topology = plan.topology
    let memory = try SharedMemory(size: SharedPages.size(topology), name: "procession")
    let setup = ChaosRunMain.Setup(plan: try plan.canonicalJSON(), stateFolder: stateFolder, fresh: fresh)
    var request = StartRequest(
      target: ChaosRunMain.target, payload: setup.encoded(), name: "chaos run")
    request.descriptors = [memory.descriptor.raw]
    return ChaosRun(
      try StartedProcess.start(request, by: .fork), memory: memory, topology: topology)
  }

  private init(
    _ process: consuming StartedProcess, memory: consuming SharedMemory, topology: Topology
  ) {
    targets = ChaosTargets(
      topology: topology, pages: SharedPages(base: memory.bytes.baseAddress!, topology: topology),
      supervisor: process.pid ?? 0)
    self.memory = memory
    self.process = process
  }

  func watch(in poller: inout Poller, token: Int) { process.watch(in: &poller, token: token) }

  /// Takes in what there is to know. `status` is set once it has ended.
  func read() throws(SystemCallError) {
    for fact in try process.facts() {
      switch fact {
      case .output(_, let bytes): keep(bytes)
      case .exited(let exit, _): status = exit.code
      case .started, .startFailed, .message, .controlClosed, .controlFailed: break
      }
    }
  }

  private func keep(_ bytes: [UInt8]) {
    partial += bytes
    while let end = partial.firstIndex(of: UInt8(ascii: "\n")) {
      lastLines.append(String(decoding: partial[..<end], as: UTF8.self))
      partial.removeFirst(end + 1)
    }
    if lastLines.count > Self.keptLines { lastLines.removeFirst(lastLines.count - Self.keptLines) }
  }

  /// Batches that its workers have finished, replays included.
  var batches: UInt64 { targets.pages.allStatistics.reduce(0) { $0 + $1[.batches] } }

  var restarts: UInt64 { targets.pages.allStatistics.reduce(0) { $0 + $1[.restarts] } }
}
