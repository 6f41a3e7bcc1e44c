import Glibc
import Testing

extension EndToEnd {
  /// The log of a run, as people and programs read it.
  @Suite struct LogFormatTests {
    private func flights(
      _ options: [String], faults: String = "", in workspace: Workspace
    ) throws -> RunResult {
      var flights = FlightsRun()
      flights.faults = faults
      let command = flights.command(in: workspace)
      return try workspace.run(command.arguments + options, environment: command.environment)
    }

    @Test func jsonIsOneObjectALine() throws {
      let workspace = Workspace()
      let result = try flights(["--log-format", "json"], faults: "clean.1:before-taken:1", in: workspace)
      #expect(result.status == 0)
      let lines = try LogLine.all(result.errors)
      let crash = try #require(lines.first { $0.event == "crash" }, "\(result.errors)")
      #expect(crash.level == "warning" && crash.stage == "clean" && crash.slot == "clean.1")
      #expect(crash.message.hasPrefix("clean.1 was killed by SIGKILL after"))
      #expect(crash.fields["signal"] as? String == "SIGKILL")
      #expect(crash.fields["next"] as? String == "restart")
      #expect(crash.fields["restart_count"] as? Int == 1)
      #expect((crash.fields["restart_in_seconds"] as? Double ?? 1) < 0.1)
      #expect((crash.fields["uptime_seconds"] as? Double ?? 0) > 0)
      #expect((crash.fields["peak_memory_bytes"] as? Int ?? 0) > 1 << 20)
      #expect((crash.fields["pid"] as? Int ?? 0) > 1)
      #expect(crash.fields["in_hand"] is String && crash.fields["batch"] is Int, "\(crash.fields)")
      let end = try #require(lines.last)
      #expect(end.event == "end" && end.fields["outcome"] as? String == "complete" && end.level == "notice")
      let read = try #require(lines.first { $0.stage == "read" && $0.event == "stage-end" })
      #expect((read.fields["records_in"] as? Int ?? 0) > 1000)
      #expect(lines.contains { $0.event == "output" && $0.fields["durable"] as? Bool == true })
    }

    @Test func jsonOnBothStreamsIsOnlyThat() throws {
      let workspace = Workspace()
      let result = try flights(["--log-format", "json", "--json"], in: workspace)
      #expect(try LogLine.all(result.errors).last?.event == "end")
      for line in result.outputText.split(separator: "\n") { _ = try JSONText.object(line.utf8) }
    }

    @Test func textThatIsKeptHasTimeAndLevel() throws {
      let workspace = Workspace()
      let result = try flights(["--quiet"], faults: "clean.1:after-ready:1", in: workspace)
      let line = try #require(
        result.errors.split(separator: "\n").first { $0.contains("clean.1 was killed") }, "\(result.errors)")
      let words = line.split(separator: " ")
      #expect(words[0].hasSuffix("Z") && words[0].count == 24, "\(line)")
      #expect(words[1...3] == ["warning", "clean.1", "was"], "\(line)")
    }

    @Test func theJournalGetsPriorities() throws {
      let workspace = Workspace()
      workspace.write("err", "")
      var status = stat()
      try #require(stat(workspace["err"], &status) == 0)
      var flights = FlightsRun()
      flights.faults = "clean.1:after-ready:1"
      let command = flights.command(in: workspace)
      var environment = command.environment
      environment["JOURNAL_STREAM"] = "\(status.st_dev):\(status.st_ino)"
      let words = ([Repository.executable] + command.arguments + ["--quiet"]).map { "'\($0)'" }
      let script = "exec \(words.joined(separator: " ")) 2> err"
      let result = try workspace.run(["-c", script], environment: environment, program: "/bin/sh")
      #expect(result.status == 0)
      let errors = workspace.text("err") ?? ""
      #expect(errors.contains("<4>clean.1 was killed by SIGKILL"), "\(errors)")
    }

    @Test func theLevelLeavesOutWhatMattersLess() throws {
      let workspace = Workspace()
      let all = try LogLine.all(
        flights(["--log-format", "json", "--log-level", "debug", "--fresh"], in: workspace).errors)
      for name in ["read.0", "clean.0", "clean.1", "write.0"] {
        #expect(all.contains { $0.slot == name && $0.event == "start" && $0.fields["pid"] is Int })
        #expect(all.contains { $0.slot == name && $0.event == "ready" && $0.level == "debug" })
      }
      let few = try flights(
        ["--log-format", "json", "--log-level", "error", "--fresh"], faults: "clean.1:after-ready:1",
        in: workspace)
      #expect(few.status == 0 && few.errors == "", "\(few.errors)")
    }

    @Test func whatRefusesARunIsARecordToo() throws {
      let workspace = Workspace()
      workspace.write("in.txt", "a\n")
      workspace.write("out", "somebody's\n")
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: { path: in.txt, format: lines } } }
          write: { sink: { file: { path: out, format: lines } } }
        """)
      let result = try workspace.run(["run", "p.yaml", "--log-format", "json"])
      #expect(result.status == 2)
      let lines = try LogLine.all(result.errors)
      #expect(lines.count == 1 && lines[0].level == "error" && lines[0].message.contains("out"))
    }

    @Test func anUnknownFormatOrLevelIsUsage() throws {
      let workspace = Workspace()
      #expect(try workspace.run(["run", "p.yaml", "--log-format", "xml"]).status == 2)
      #expect(try workspace.run(["run", "p.yaml", "--log-level", "loud"]).status == 2)
    }
  }
}
