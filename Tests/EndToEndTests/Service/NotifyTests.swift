import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// A run as systemd's service.
  @Suite struct NotifyTests {
    private static let pipeline = """
      stages:
        read: { source: { file: { path: log, format: lines, follow: true } } }
        keep:
          start_method: spawn
          restart: { max: 1000, within: 1m, backoff: 2s..2s }
          steps: [ { filter: "true" } ]
        write: { start_method: spawn, sink: { file: { path: out, format: lines } } }
      """

    private func start(
      _ workspace: Workspace, _ variables: [String: String]
    ) throws -> PipelineRunner {
      workspace.write("p.yaml", Self.pipeline)
      workspace.write("log", "one\n")
      return try workspace.start(["run", "p.yaml", "--quiet"], environment: variables)
    }

    @Test(arguments: [false, true])
    func theManagerHearsOfReadinessHealthAndTheEnd(isAbstract: Bool) throws {
      let workspace = Workspace()
      let address = isAbstract ? "@" + workspace.path.dropFirst() : workspace["notify"]
      let manager = try NotifySocket(address)
      let run = try start(workspace, ["NOTIFY_SOCKET": address])
      try manager.wait(for: "READY=1") { $0.lines.contains("READY=1") }
      let ready = try #require(manager.datagrams.first { $0.hasPrefix("READY=1") })
      #expect(ready == "READY=1\nSTATUS=running, 4 of 4 workers ready")
      #expect(manager.lines.allSatisfy { !$0.hasPrefix("WATCHDOG") })

      // Ready means that all workers live.
      let worker = try #require(run.workers.first { $0.name == "keep.0" })
      worker.kill()
      try manager.wait(for: "degraded") {
        $0.lines.contains("STATUS=degraded, 3 of 4 workers ready: keep.0 waits to be restarted")
      }
      let before = manager.datagrams.count
      try manager.wait(for: "running again") {
        $0.datagrams.dropFirst(before).contains("STATUS=running, 4 of 4 workers ready")
      }

      try run.signal(SIGTERM)
      try manager.wait(for: "STOPPING=1") { $0.lines.contains("STOPPING=1") }
      #expect(try run.finish().status == 0)
      manager.read()
      #expect(manager.count("READY=1") == 1 && manager.count("STOPPING=1") == 1, "\(manager.lines)")
    }

    @Test func noWorkerSpeaksForTheRun() throws {
      let workspace = Workspace()
      let manager = try NotifySocket(workspace["notify"])
      let run = try start(
        workspace, ["NOTIFY_SOCKET": workspace["notify"], "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"])
      try manager.wait(for: "READY=1") { $0.lines.contains("READY=1") }
      for name in ["keep.0", "write.0"] {
        let worker = try #require(run.workers.first { $0.name == name })
        let environment = String(decoding: FileBytes.read("/proc/\(worker.pid)/environ") ?? [], as: UTF8.self)
        #expect(environment.contains("XDG_RUNTIME_DIR="))
        for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
          #expect(!environment.contains(variable), "\(name)")
        }
      }
      try run.signal(SIGTERM)
      #expect(try run.finish().status == 0)
    }

    @Test func signsOfLifeComeInHalfTheTime() throws {
      let workspace = Workspace()
      let manager = try NotifySocket(workspace["notify"])
      let run = try start(workspace, ["NOTIFY_SOCKET": workspace["notify"], "WATCHDOG_USEC": "400000"])
      let began = MonotonicClock.now()
      try manager.wait(for: "ten signs of life") { $0.count("WATCHDOG=1") >= 10 }
      let seconds = Double(MonotonicClock.now() - began) / 1e9
      #expect(seconds > 1.5 && seconds < 4, "\(seconds)")
      // While it drains, too.
      try run.signal(SIGTERM)
      #expect(try run.finish().status == 0)
    }

    @Test func aWatchdogThatIsAnothersIsLeftAlone() throws {
      let workspace = Workspace()
      let manager = try NotifySocket(workspace["notify"])
      let run = try start(
        workspace, ["NOTIFY_SOCKET": workspace["notify"], "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"])
      try manager.wait(for: "READY=1") { $0.lines.contains("READY=1") }
      try Waiting.until("the output") { workspace.text("out") == "one\n" }
      manager.read()
      #expect(manager.count("WATCHDOG=1") == 0)
      try run.signal(SIGTERM)
      #expect(try run.finish().status == 0)
    }

    /// A manager that is not there, does not read, or can't be.
    @Test(arguments: ["nowhere", "full", "relative", "too long"])
    func aManagerThatDoesNotListenEndsNothing(_ kind: String) throws {
      let workspace = Workspace()
      let address =
        switch kind {
        case "relative": "notify"
        case "too long": "/" + String(repeating: "x", count: 300)
        default: workspace["notify"]
        }
      let manager = kind == "full" ? try NotifySocket(address) : nil
      let flights = FlightsRun().command(in: workspace)
      var environment = flights.environment
      environment["NOTIFY_SOCKET"] = address
      environment["WATCHDOG_USEC"] = "2000"
      environment["PROCESSION_FAULTS"] = "clean.1:after-ready:1"
      let result = try workspace.run(flights.arguments + ["--quiet"], environment: environment)
      #expect(result.status == 0, "\(result.errors)")
      withExtendedLifetime(manager) {}
    }
  }
}
