import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Programs, their workers and the supervisor killed: the output is the same, and nothing is left.
  @Suite struct ProgramKillTests {
    /// Answers slowly enough to be met, and leaves children of every kind behind.
    static let restless =
      "sleep 1000 & setsid sleep 1000 & while read -r line; do sleep 0.001; echo \"$line\"; done"

    private func start(_ workspace: Workspace, method: String = "auto") throws -> PipelineRunner {
      // Enough for several batches.
      let text = String(repeating: "x", count: 800)
      workspace.write("in.jsonl", (0..<1_500).map { "{\"n\":\($0),\"text\":\"\(text)\"}\n" }.joined())
      workspace.writePipeline(
        """
        - exec:
            shell: true
            command: '\(Self.restless)'
        """, keys: "start_method: \(method)")
      let run = try workspace.start(["run", "p.yaml"])
      try Waiting.until("programs and their children in \(workspace.processes)") {
        workspace.processes.count { $0.name == "sleep" } >= 4
      }
      return run
    }

    /// All that a worker's programs are and have started, whoever their parent is by now.
    private func programs(of worker: RunProcess) -> [RunProcess] {
      RunProcess.all(marked: "PROCESSION_PROGRAM=\(worker.pid).")
    }

    private func expectSame(_ result: RunResult, _ workspace: Workspace) {
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), workspace.read("in.jsonl")!, result.errors)
    }

    @Test func anOrderlyEndLeavesNothing() throws {
      let workspace = Workspace()
      expectSame(try start(workspace).finish(), workspace)
    }

    @Test(arguments: Seed.some(2)) func killsOfProgramsChangeNothing(seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      let run = try start(workspace)
      for _ in 0..<6 where run.isRunning {
        try Waiting.pause(.milliseconds(Int.random(in: 50...250, using: &seed)))
        workspace.processes.filter { $0.name == "sh" }.randomElement(using: &seed)?.kill()
      }
      expectSame(try run.finish(), workspace)
    }

    @Test(arguments: ["fork", "spawn", "forkserver"]) func killsOfWorkersTakeTheirProgramsAlong(
      method: String
    ) throws {
      let workspace = Workspace()
      let run = try start(workspace, method: method)
      for _ in 0..<3 {
        var victim: RunProcess?
        try Waiting.until("a worker with a program and its children") {
          victim = workspace.processes.first { $0.name.hasPrefix("work.") && programs(of: $0).count >= 3 }
          return victim != nil || !run.isRunning
        }
        guard let victim else { break }
        victim.kill()
        try Waiting.until("the end of \(programs(of: victim))") { programs(of: victim).isEmpty }
      }
      expectSame(try run.finish(), workspace)
    }

    @Test func nothingOutlivesTheSupervisor() throws {
      let workspace = Workspace()
      let run = try start(workspace)
      try run.signal(SIGKILL)
      #expect(try run.wait().status == -SIGKILL)
      try Waiting.until("the end of \(workspace.processes)", within: .seconds(3)) {
        workspace.processes.isEmpty
      }
      expectSame(try workspace.run(["run", "p.yaml"]), workspace)
    }

    @Test func nothingOutlivesAStopOrAForcedEnd() throws {
      for signals in [[SIGTERM], [SIGINT, SIGINT]] {
        let workspace = Workspace()
        let run = try start(workspace)
        for signal in signals {
          try run.signal(signal)
          try run.waitForErrors(containing: "draining")
        }
        _ = try run.finish()
      }
    }

    @Test func chaosFindsNoDifference() throws {
      let workspace = Workspace()
      workspace.writeNumbers(60_000)
      mkdir(workspace["tmp"], 0o700)
      workspace.writePipeline(
        """
        - exec: { command: [\(Programs.awk), '{ print $0 ~ /7/ ? "" : $0; fflush() }'] }
        - map: .n
        """)
      let result = try workspace.start(
        ["chaos", "p.yaml", "--kills", "20", "--seed", "7"], environment: ["TMPDIR": workspace["tmp"]]
      ).finish(within: .seconds(100))
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("0 differences"), "\(result.errors)")
    }
  }
}
