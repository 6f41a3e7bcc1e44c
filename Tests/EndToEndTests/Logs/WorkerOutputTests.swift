import Testing

extension EndToEnd {
  /// What workers print. They are made to by the dynamic linker, which tells what it does (LD_DEBUG).
  @Suite struct WorkerOutputTests {
    private func talkative(_ options: [String], in workspace: Workspace) throws -> RunResult {
      let command = FlightsRun.all("spawn").command(in: workspace)
      var environment = command.environment
      environment["LD_DEBUG"] = "libs"
      return try workspace.run(command.arguments + options, environment: environment)
    }

    /// The linker's lines of the command itself stand among them, and begin with its pid.
    private func ownLines(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { !$0.hasPrefix(" ") || !$0.contains(":\t") }
    }

    @Test func eachLineIsWholeAndNamesItsSlot() throws {
      let workspace = Workspace()
      let result = try talkative(["--quiet"], in: workspace)
      #expect(result.status == 0)
      for name in ["read.0", "clean.0", "clean.1", "write.0"] {
        let lines = ownLines(result.errors).filter { $0.contains(" info \(name): ") }
        #expect(lines.count > 10, "\(name): \(lines.count)")
        // A line of the linker's is its pid, a colon, a tab and what it did: nothing before and nothing twice.
        for line in lines {
          let printed = line.split(separator: " info \(name): ", maxSplits: 1).last ?? ""
          let pid = printed.split(separator: ":").first?.drop { $0 == " " } ?? ""
          #expect(Int(pid) != nil && printed.split(separator: ":\t").count <= 2, "\(line)")
        }
      }
    }

    @Test func programsGetStreamAndProcess() throws {
      let workspace = Workspace()
      let result = try talkative(["--log-format", "json"], in: workspace)
      let lines = try ownLines(result.errors).filter { !$0.isEmpty }.map { try LogLine($0) }
      let printed = lines.filter { $0.slot == "clean.0" && $0.fields["stream"] as? String == "stderr" }
      #expect(printed.count > 10)
      #expect(printed.allSatisfy { $0.fields["pid"] is Int && $0.level == "info" })
    }

    @Test func theLastLinesArePartOfACrashReport() throws {
      let workspace = Workspace()
      var flights = FlightsRun.all("spawn")
      flights.faults = "clean.0:before-ready:1"
      let command = flights.command(in: workspace)
      var environment = command.environment
      environment["LD_DEBUG"] = "libs"
      let result = try workspace.run(
        command.arguments + ["--log-format", "json"], environment: environment)
      #expect(result.status == 0)
      let lines = try ownLines(result.errors).filter { !$0.isEmpty }.map { try LogLine($0) }
      let crash = try #require(lines.first { $0.event == "crash" })
      let last = try #require(crash.fields["last_lines"] as? [String])
      #expect(last.count == 8)
      #expect(crash.message.contains("  its last words:\n    \(last[0])"), "\(crash.message)")
    }
  }
}
