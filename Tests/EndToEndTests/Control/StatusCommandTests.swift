import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Looking at a live run: `ps`, `status`, `top`.
  @Suite struct StatusCommandTests {
    @Test func `a live run is listed and tells of itself until it is over`() throws {
      let watched = try WatchedRun()
      let ps = try watched.json("ps")
      #expect(ps["schema"] as? String == "procession.runs/1")
      let runs = try #require(ps["runs"] as? [[String: Any]])
      let own = try #require(runs.first { $0["pid"] as? Int == Int(watched.run.pid) })
      #expect(own["pipeline"] as? String == "p" && own["file"] as? String == "p.yaml")

      let status = try watched.status()
      #expect(status["schema"] as? String == "procession.status/1")
      #expect(status["state"] as? String == "running")
      let stages = try #require(status["stages"] as? [[String: Any]])
      #expect(stages.compactMap { $0["name"] as? String } == ["read", "keep", "write", "dead-letters"])
      #expect(stages.compactMap { $0["records_in"] as? Int } == [3, 3, 3, 0])
      let slots = try #require(stages[1]["slots"] as? [[String: Any]])
      let pids = slots.compactMap { $0["pid"] as? Int }
      let workers = watched.run.workers.filter { $0.name.hasPrefix("keep.") }.map { Int($0.pid) }
      #expect(pids.sorted() == workers.sorted())

      let table = try watched.command("status", "p")
      #expect(table.outputText.contains("keep.1") && table.outputText.contains("nothing in flight"))
      #expect(!table.outputText.contains("keep.2"), "a slot that nobody wants:\n\(table.outputText)")
      #expect(try watched.command("ps").outputText.contains("p.yaml"))

      #expect(try watched.followed.drain().status == 0)
      let gone = try watched.command("status", "p.yaml")
      #expect(gone.status == 1 && gone.errors.contains("live"), "\(gone.errors)")
    }

    @Test func `where no such run is live, what is live is told`() throws {
      let watched = try WatchedRun()
      for arguments in [
        ["status", "nothing"], ["stop", "nothing"], ["top", "nothing"], ["pause", "nothing"],
      ] {
        let result = try watched.workspace.runBeside(arguments)
        #expect(result.status == 1)
        #expect(result.errors.contains("no run of 'nothing' is live; live: "), "\(result.errors)")
        #expect(result.errors.contains("p (p.yaml, pid \(watched.run.pid))"), "\(result.errors)")
        #expect(result.output.isEmpty)
      }
      #expect(try watched.followed.drain().status == 0)
    }

    @Test func `a run that was killed is not listed`() throws {
      let watched = try WatchedRun()
      try watched.run.signal(SIGKILL)
      _ = try watched.run.wait()
      let runs = try #require(try watched.json("ps")["runs"] as? [[String: Any]])
      #expect(!runs.contains { $0["pid"] as? Int == Int(watched.run.pid) })
      try watched.followed.start()
      watched.followed.append(1)
      try watched.followed.waitForOutput()
      #expect(try watched.followed.drain().status == 0)
    }

    @Test func `a supervisor that stands still is told of, and nothing waits for it long`() throws {
      let watched = try WatchedRun()
      try watched.run.signal(SIGSTOP)
      defer { try? watched.run.signal(SIGCONT) }
      let started = MonotonicClock.now()
      let ps = try watched.command("ps")
      let socket = try watched.socket()
      #expect(
        ps.status == 0 && ps.errors.contains("the run behind \(socket) does not answer"), "\(ps.errors)")
      #expect(MonotonicClock.now() - started < 20_000_000_000)
      try watched.run.signal(SIGCONT)
      #expect(try watched.followed.drain().status == 0)
    }

    @Test func `two runs of one name are told apart by their files`() throws {
      let workspace = Workspace()
      var runs: [PipelineRunner] = []
      for folder in ["a", "b"] {
        mkdir(workspace[folder], 0o755)
        workspace.write("\(folder)/p.yaml", FollowedRun.pipeline)
        workspace.write("\(folder)/log", "line\n")
        runs.append(try workspace.start(["run", "\(folder)/p.yaml"]))
        try Waiting.until("output of \(folder)") { workspace.text("\(folder)/out") == "line\n" }
      }
      let unclear = try workspace.runBeside(["status", "p"])
      #expect(unclear.status == 1, "\(unclear.outputText)")
      #expect(unclear.errors.contains("2 runs are live: ") && unclear.errors.contains("name one by its file"))
      for (folder, run) in zip(["a", "b"], runs) {
        #expect(unclear.errors.contains("p (\(folder)/p.yaml, pid \(run.pid))"), "\(unclear.errors)")
        let one = try workspace.runBeside(["status", "\(folder)/p.yaml", "--json"])
        #expect(try JSONText.object(one.output)["pid"] as? Int == Int(run.pid))
      }
      for (folder, run) in zip(["a", "b"], runs) {
        #expect(try workspace.runBeside(["stop", "\(folder)/p.yaml"]).status == 0)
        #expect(try run.wait().status == 0)
      }
      workspace.expectNothingLeft()
    }

    @Test func `top reads the pages: an idle run waits for its input`() throws {
      let watched = try WatchedRun()
      let reading = try watched.json("top", "p.yaml", "--once", "--interval", "300ms")
      #expect(reading["schema"] as? String == "procession.top/1")
      let bottleneck = try #require(reading["bottleneck"] as? [String: Any])
      #expect(bottleneck["kind"] as? String == "input" && bottleneck["stage"] as? String == "read")
      let stages = try #require(reading["stages"] as? [[String: Any]])
      for stage in stages {
        let share = try #require(stage["waiting_for_input_share"] as? Double)
        #expect(share > 0.8, "\(stage)")
      }
      let plain = try watched.command("top", "p.yaml", "--interval", "100ms")
      #expect(plain.status == 0 && plain.outputText.contains("bottleneck: the input: read waits for more"))
      #expect(try watched.followed.drain().status == 0)
    }

    @Test func `top streams one object a line, and ends with the run`() throws {
      let watched = try WatchedRun()
      let top = try watched.workspace.start(["top", "p.yaml", "--json", "--interval", "20ms"])
      try Waiting.until("readings") { top.output.split(separator: "\n").count >= 3 }
      #expect(try watched.followed.drain().status == 0)
      let result = try top.wait()
      #expect(result.status == 0 && result.errors.contains("the run has ended: drained"), "\(result.errors)")
      for line in result.outputText.split(separator: "\n") {
        #expect(try JSONText.object(Array(line.utf8))["schema"] as? String == "procession.top/1")
      }
    }

    @Test func `a stage that has no time left is named as the bottleneck`() throws {
      let workspace = Workspace()
      workspace.write("in", (0..<400_000).map { "{\"a\":\($0)}\n" }.joined())
      workspace.write(
        "p.yaml",
        """
        stages:
          read:
            source: { file: { path: in, format: jsonl } }
          slow:
            steps: [ { map: "{a: ([range(200)] | add)}" } ]
          write:
            sink: discard
        """)
      let run = try workspace.start(["run", "p.yaml"])
      try Waiting.until("a reading of a busy run") {
        let top = try workspace.runBeside(["top", "p.yaml", "--once", "--json", "--interval", "300ms"])
        guard top.status == 0, let reading = try? JSONText.object(top.output),
          let found = reading["bottleneck"] as? [String: Any]
        else { return !run.isRunning }
        let stages = reading["stages"] as? [[String: Any]] ?? []
        let waits = stages.first?["waiting_for_output_share"] as? Double ?? 0
        return found["stage"] as? String == "slow" && waits > 0.5
      }
      #expect(run.isRunning, "it ended before it was seen:\n\(run.errors)")
      let stop = try workspace.runBeside(["stop", "p.yaml", "--now"])
      #expect(stop.status == 0, "\(stop.errors)")
      #expect(try run.finish().status == -SIGTERM)
    }
  }
}
