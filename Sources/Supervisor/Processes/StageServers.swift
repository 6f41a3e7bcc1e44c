import Multiprocessing
import POSIXKit

/// The fork servers: one for each stage started that way, made at the first start and again after a death.
final class StageServers {
  private let stages: [SupervisorConfiguration.Stage]
  private var servers: [ForkServer?]
  /// What each stage's server has printed, by stream.
  private var printed: [[OutputStream: OutputLines]]

  enum Fact {
    case printed(stage: Int, OutputStream, String)
    case ended(stage: Int, ExitStatus)
    /// It can't succeed at another time.
    case preloadFailed(stage: Int, String)
  }

  init(_ stages: [SupervisorConfiguration.Stage]) {
    self.stages = stages
    servers = Array(repeating: nil, count: stages.count)
    printed = Array(repeating: [:], count: stages.count)
  }

  func start(_ request: StartRequest, stage: Int) throws(StartError) -> StartedProcess {
    if let server = servers[stage], !server.hasEnded { return try server.start(request) }
    let server = try ForkServer(name: "\(stages[stage].name) server", preload: stages[stage].preload)
    servers[stage] = server
    return try server.start(request)
  }

  /// The process of a stage's server, if one runs.
  func pid(ofStage stage: Int) -> Int32? { servers[stage].flatMap { $0.hasEnded ? nil : $0.pid } }

  var nextDeadline: UInt64? {
    servers.compactMap { $0?.nextDeadline }.min()
  }

  func watch(in poller: inout Poller, token: Int) {
    for server in servers { server?.watch(in: &poller, token: token) }
  }

  func facts() throws(SystemCallError) -> [Fact] {
    var facts: [Fact] = []
    for stage in servers.indices {
      guard let server = servers[stage] else { continue }
      for fact in try server.facts() {
        switch fact {
        case .ready: break
        case .preloadFailed(let text): facts.append(.preloadFailed(stage: stage, text))
        case .output(let stream, let bytes):
          facts += printed[stage][stream, default: OutputLines()].append(bytes).map {
            .printed(stage: stage, stream, $0.text)
          }
        case .ended(let status, _):
          for stream in OutputStream.allCases {
            if let line = printed[stage][stream]?.finish() {
              facts.append(.printed(stage: stage, stream, line.text))
            }
          }
          printed[stage] = [:]
          facts.append(.ended(stage: stage, status))
          servers[stage] = nil
        }
      }
    }
    return facts
  }

  func killAll() {
    for server in servers { server?.kill() }
  }

  /// Kills the servers and waits until all are reaped.
  func close(until deadline: UInt64) throws(SystemCallError) {
    killAll()
    while servers.contains(where: { $0 != nil }), MonotonicClock.now() < deadline {
      var poller = Poller()
      watch(in: &poller, token: 0)
      _ = try poller.wait(until: deadline)
      _ = try facts()
    }
  }
}
