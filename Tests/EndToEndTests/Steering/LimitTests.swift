import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// What stages may use, and workers that are replaced by fresh ones.
  @Suite struct LimitTests {
    @Test(arguments: FlightsRun.methods)
    func `workers are replaced after some batches, and nothing is lost`(method: String) throws {
      let workspace = Workspace()
      let steered = SteeredRun(
        records: 30_000, keys: "start_method: \(method), recycle_after: { batches: 3 }, ")
      let result = try steered.start(in: workspace).finish()
      steered.expectComplete(result, in: workspace)
      #expect(
        result.errors.contains("is being replaced: it has worked on 3 batches"), "\(result.errors)")
      #expect(!result.errors.contains("was killed"), "\(result.errors)")
    }

    @Test func `a record that needs too much memory is isolated`() throws {
      let workspace = Workspace()
      let poison = PoisonRun(
        program: "if .n < 0 then [range(1e9)] else . end", keys: "memory: 256MiB, attempts: 1, ",
        poison: [1_200])
      let result = try poison.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("(over its memory limit)"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == poison.letters("memory limit"))
    }

    @Test func `niceness, processors and descriptors are those of the file`() throws {
      let workspace = Workspace()
      let steered = SteeredRun(records: 30_000, keys: "nice: 3, cpus: 0, files: 512, ")
      let run = try steered.startWriting(in: workspace)
      let worker = try #require(workspace.processes.first { $0.name == "work.0" })
      let status = String(decoding: FileBytes.read("/proc/\(worker.pid)/status") ?? [], as: UTF8.self)
      let limits = String(decoding: FileBytes.read("/proc/\(worker.pid)/limits") ?? [], as: UTF8.self)
      #expect(status.contains("Cpus_allowed_list:\t0\n"))
      #expect(niceness(worker.pid) == niceness(0) + 3)
      let files = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
      #expect(files?.split(separator: " ").dropFirst(3).first == "512")
      steered.expectComplete(try run.finish(), in: workspace)
    }

    private func niceness(_ pid: Int32) -> Int32 {
      getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid))
    }

    @Test func `limits that can't be had are told with their place`() throws {
      let workspace = Workspace()
      let result = try SteeredRun(records: 10, keys: "cpus: 1000, ").start(in: workspace).finish()
      #expect(result.status == 1)
      #expect(
        result.errors.contains("p.yaml:4:3: error: stage work can't have the limits that it asks for"),
        "\(result.errors)")
    }

    @Test func `a worker that hangs leaves its last words before it is killed`() throws {
      let workspace = Workspace()
      let poison = PoisonRun(
        program: PoisonRun.neverEnds, keys: "attempts: 1, deadline: 200ms, ", poison: [1_200])
      let result = try poison.complete(in: workspace)
      #expect(
        result.errors.contains("was killed by SIGABRT (over its deadline)"), "\(result.errors)")
    }

    /// It can't be told to dump anything: only SIGKILL ends it.
    @Test func `a worker that is stopped is killed`() throws {
      let workspace = Workspace()
      let steered = SteeredRun(keys: "deadline: 2s, ")
      let run = try steered.startWriting(in: workspace)
      let worker = try #require(workspace.processes.first { $0.name == "work.0" })
      try Waiting.until("a worker that was stopped at its work") {
        kill(worker.pid, SIGSTOP)
        if try hasBatch("work.0", in: workspace) { return true }
        kill(worker.pid, SIGCONT)
        return !run.isRunning
      }
      try run.waitForErrors(containing: "work.0 was killed by SIGKILL (over its deadline)")
      steered.expectComplete(try run.finish(), in: workspace)
    }

    private func hasBatch(_ slot: String, in workspace: Workspace) throws -> Bool {
      let status = try JSONText.object(try workspace.runBeside(["status", "--json"]).output)
      let stages = status["stages"] as? [[String: Any]] ?? []
      let slots = stages.flatMap { $0["slots"] as? [[String: Any]] ?? [] }
      return slots.first { $0["name"] as? String == slot }?["in_hand"] is String
    }
  }
}
