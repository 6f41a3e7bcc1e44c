import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Runs that leave their terminal.
  @Suite struct DetachTests {
    @Test func theCommandReturnsWhenAllWorkersAreReady() throws {
      let run = try DetachedRun()
      let workspace = run.workspace
      for name in ["read.0", "keep.0", "write.0"] {
        #expect(workspace.processes.contains { $0.name == name }, "\(workspace.processes)")
      }
      let said = run.start.errors
      #expect(said.split(separator: "\n").count == 1, "\(said)")
      #expect(said.contains("pid \(run.pid)") && said.contains(workspace[DetachedRun.log]), "\(said)")
      #expect(run.start.output.isEmpty)
      try Waiting.until("the output") { workspace.text("out") == "one\n" }
      try run.stop()
      #expect(run.logText.contains("drained in "), "\(run.logText)")
      #expect(run.logText.split(separator: "\n").allSatisfy { $0.hasPrefix("20") }, "\(run.logText)")
    }

    @Test func programsGetADocument() throws {
      let run = try DetachedRun(["--json", "--log-format", "json"])
      let document = try JSONText.object(run.start.output)
      #expect(document["schema"] as? String == "procession.detached/1")
      #expect(document["pid"] as? Int == Int(run.pid) && document["state"] as? String == "running")
      #expect(document["log_file"] as? String == run.workspace[DetachedRun.log])
      #expect(document["exit_status"] == nil)
      #expect(try LogLine.all(run.start.errors).count == 1)
      try run.stop()
      #expect(try LogLine.all(run.logText).last?.fields["outcome"] as? String == "drained")
    }

    @Test func itHoldsNothingOfItsTerminal() throws {
      let run = try DetachedRun()
      for stream in 0...2 {
        var path = [UInt8](repeating: 0, count: 256)
        let length = path.withUnsafeMutableBytes {
          readlink("/proc/\(run.pid)/fd/\(stream)", $0.baseAddress!.assumingMemoryBound(to: CChar.self), 255)
        }
        #expect(String(decoding: path.prefix(max(0, length)), as: UTF8.self) == "/dev/null")
      }
      #expect(getsid(run.pid) == run.pid)
      // What a terminal sends when it closes, and more than once.
      kill(run.pid, SIGHUP)
      kill(run.pid, SIGHUP)
      let file = open(run.workspace["input"], O_WRONLY | O_APPEND)
      _ = write(file, "two\n", 4)
      close(file)
      try Waiting.until("the output") { run.workspace.text("out") == "one\ntwo\n" }
      #expect(!run.logText.contains("SIGHUP"), "\(run.logText)")
      try run.stop()
    }

    @Test func itReplacesWorkersAndLogsWhy() throws {
      let run = try DetachedRun()
      try #require(run.workspace.processes.first { $0.name == "keep.0" }).kill()
      try run.waitForLog("warning keep.0 was killed by SIGKILL")
      try run.stop()
    }

    @Test func aSecondRunIsRefusedWithItsOwnStatus() throws {
      let run = try DetachedRun()
      let second = try run.workspace.runBeside(["run", "p.yaml", "--detach", "--json"])
      #expect(second.status == 5, "\(second.errors)")
      #expect(second.errors.contains("in use by another run (pid \(run.pid)"), "\(second.errors)")
      let document = try JSONText.object(second.output)
      #expect(document["state"] as? String == "ended" && document["exit_status"] as? Int == 5)
      try run.stop()
    }

    @Test func aStartThatFailsSaysWhy() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "never")
      flights.faults = "clean.1:before-ready:1"
      let command = flights.command(in: workspace)
      let result = try workspace.run(command.arguments + ["--detach"], environment: command.environment)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("clean.1 died and its restart policy does not replace it"), "\(result.errors)")
      #expect(result.errors.contains(workspace["state/log"]), "\(result.errors)")
      #expect(workspace.text("state/log")?.contains("error clean.1 was killed by SIGKILL") == true)
    }

    @Test func aRunThatIsOverBeforeItIsLookedAtIsASuccess() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{}\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: { path: in.jsonl } } }
          write: { sink: { file: { path: out.jsonl } } }
        """)
      for _ in 1...5 {
        let start = try workspace.start(["run", "p.yaml", "--detach"]).wait()
        #expect(start.status == 0, "\(start.errors)")
        try Waiting.until("the end of the run") { workspace.processes.isEmpty }
      }
      workspace.expectNothingLeft()
      #expect(workspace.text("out.jsonl") == "{}\n")
      let ends = (workspace.text(".procession/p/log") ?? "").split(separator: "\n").filter {
        $0.contains(" notice complete in ")
      }
      #expect(ends.count == 5)
    }

    /// Until it is ready it can be interrupted, like a run that is not detached.
    @Test func whoeverWaitsForItCanStopIt() throws {
      let workspace = Workspace()
      var flights = FlightsRun(restart: "{ max: 10, within: 1m, backoff: 60s..60s }")
      flights.faults = "clean.1:before-ready:1"
      let command = flights.command(in: workspace)
      let start = try workspace.start(command.arguments + ["--detach"], environment: command.environment)
      func waitForLog(_ text: String) throws {
        try Waiting.until("'\(text)'") { workspace.text("state/log")?.contains(text) == true }
      }
      try waitForLog("clean.1 was killed")
      #expect(start.isRunning)
      try start.signal(SIGINT)
      try waitForLog("SIGTERM: draining")
      if start.isRunning { try start.signal(SIGINT) }
      let result = try start.wait()
      #expect(result.status == 128 + SIGTERM || result.status == 3, "\(result.status) \(result.errors)")
      try Waiting.until("the end of the run") { workspace.processes.isEmpty }
      workspace.expectNothingLeft()
    }

    @Test func standardStreamsAreRefused() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", "{}\n")
      let input = "{ source: { file: { path: \"-\", format: jsonl } } }"
      let output = "{ sink: stdout }"
      for (read, write, word) in [
        (input, "{ sink: { file: { path: out.jsonl } } }", "standard input"),
        ("{ source: { file: { path: in.jsonl } } }", output, "standard output"),
      ] {
        workspace.write("p.yaml", "stages:\n  read: \(read)\n  write: \(write)\n")
        let result = try workspace.run(["run", "p.yaml", "--detach"])
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.errors.contains(word) && result.errors.contains("--detach"), "\(result.errors)")
        #expect(workspace.names().contains(".procession") == false)
      }
    }
  }
}
