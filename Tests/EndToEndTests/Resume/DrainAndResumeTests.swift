import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Runs that were told to stop, and go on.
  @Suite struct DrainAndResumeTests {
    /// Lets a run begin to write, then asks it to stop. Nil if it was complete before.
    private func stopped(
      _ run: PipelineRunner, in workspace: Workspace, writing file: String = "out.jsonl"
    ) throws -> RunResult {
      try Waiting.until("some output") {
        FileBytes.size(workspace[file]) > 0 || !run.isRunning
      }
      try? run.signal(SIGTERM)
      return try run.finish()
    }

    @Test func aDrainedRunGoesOn() throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 60)
      var flights = FlightsRun()
      flights.input = many.write(to: workspace)
      var stops = 0
      for _ in 0..<3 {
        let result = try stopped(flights.start(in: workspace), in: workspace)
        if result.status == 3 { stops += 1 }
        if result.status != 3 { break }
        let written = try #require(workspace.read("out.jsonl"))
        #expect(written.last == UInt8(ascii: "\n") && written.isPrefix(of: many.expected))
      }
      #expect(stops > 0)
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with the run of "), "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, result.errors)
    }

    /// All sources stop at one sequence, or what was cut beyond could not be written.
    @Test func sourcesThatMeetStopTogetherAndGoOn() throws {
      let workspace = Workspace()
      let fanIn = FanInRun(flights: 60, lines: 100_000)
      fanIn.writeInputs(to: workspace)
      let expected = try fanIn.undisturbed(in: workspace)
      let first = try stopped(fanIn.start(in: workspace), in: workspace)
      #expect(first.status == 3, "\(first.errors)")
      #expect(try #require(workspace.read("out.jsonl")).isPrefix(of: expected))
      _ = try stopped(fanIn.start(in: workspace), in: workspace)
      let result = try fanIn.start(in: workspace).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), expected, result.errors)
    }

    /// It gets what is read from then on, and the books know that it has missed the rest.
    @Test func aStageThatJoinsLateGetsTheRest() throws {
      let workspace = Workspace()
      workspace.write("in.jsonl", jsonLines(0..<2_000_000) { "{\"n\":\($0)}" })
      let pipeline = """
        stages:
          read: { source: { file: in.jsonl } }
          keep: { from: read, workers: 2, steps: [ { filter: .n % 2 == 0 } ] }
          write: { from: keep, sink: { file: out.jsonl } }

        """
      workspace.write("p.yaml", pipeline)
      #expect(try stopped(workspace.start(["run", "p.yaml"]), in: workspace).status == 3)
      let more = """
          fewer: { from: keep, steps: [ { filter: .n % 4 == 0 } ] }
          late: { from: fewer, sink: { file: late.jsonl } }

        """
      workspace.write("p.yaml", pipeline + more)
      let second = try stopped(
        workspace.start(["run", "p.yaml"]), in: workspace, writing: "late.jsonl")
      #expect(second.status == 3, "\(second.errors)")
      // What one that joined late made before is missed by who joins later still.
      workspace.write("p.yaml", pipeline + more + "  last: { from: fewer, sink: { file: last.jsonl } }\n")
      let result = try workspace.run(["run", "p.yaml"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      let late = try #require(workspace.text("late.jsonl"))
      let all = jsonLines(stride(from: 0, to: 2_000_000, by: 4)) { "{\"n\":\($0)}" }
      #expect(!late.isEmpty && late.utf8.count < all.utf8.count && all.hasSuffix(late))
    }

    @Test func freshStartsOver() throws {
      let workspace = Workspace()
      let fanIn = FanInRun(flights: 20, lines: 10)
      fanIn.writeInputs(to: workspace)
      #expect(try stopped(fanIn.start(in: workspace), in: workspace).status == 3)
      let result = try fanIn.start(in: workspace, "--fresh").finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.errors.contains("going on with"), "\(result.errors)")
      let rows = try FinishedTable(result.errors)
      #expect(rows.recordsIn["lines"] == 10 && rows.recordsIn["flights"] == 20 * 6099)
    }

    @Test func aFinishedRunStartsAnew() throws {
      let workspace = Workspace()
      let fanIn = FanInRun(flights: 1, lines: 10)
      fanIn.writeInputs(to: workspace)
      for _ in 1...2 {
        let result = try fanIn.start(in: workspace).finish()
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.errors.contains("going on with"), "\(result.errors)")
        #expect(try FinishedTable(result.errors).recordsIn["lines"] == 10)
      }
    }

    /// What is appended after the beginning is not part of the run.
    @Test func aRunReadsWhatWasThereWhenItBegan() throws {
      let workspace = Workspace()
      let many = ManyFlights(times: 40)
      var flights = FlightsRun()
      flights.input = many.write(to: workspace)
      #expect(try stopped(flights.start(in: workspace), in: workspace).status == 3)
      let input = try #require(workspace.read("many.csv"))
      let file = try #require(fopen(workspace["many.csv"], "a"))
      fputs(String(decoding: input.suffix(2000).drop { $0 != 0x0A }.dropFirst(), as: UTF8.self), file)
      fclose(file)
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), many.expected, result.errors)
    }

    @Test func anInputThatWasReplacedIsTold() throws {
      let workspace = Workspace()
      let fanIn = FanInRun(flights: 20, lines: 10)
      fanIn.writeInputs(to: workspace)
      #expect(try stopped(fanIn.start(in: workspace), in: workspace).status == 3)
      workspace.write("other.jsonl", "1\n")
      rename(workspace["other.jsonl"], workspace["lines.jsonl"])
      let result = try fanIn.start(in: workspace).finish()
      #expect(result.status == 2, "\(result.errors)")
      #expect(
        result.errors.contains("lines.jsonl is another file than when the run began"), "\(result.errors)")
      #expect(result.errors.contains("start over with --fresh"), "\(result.errors)")
    }

    @Test func aChangedProgramIsToldAndKeepsTheState() throws {
      let workspace = Workspace()
      var fanIn = FanInRun(flights: 20, lines: 10)
      fanIn.writeInputs(to: workspace)
      let expected = try fanIn.undisturbed(in: workspace)
      #expect(try stopped(fanIn.start(in: workspace), in: workspace).status == 3)
      let program = fanIn.program
      fanIn.program = "{ flight }"
      let refused = try fanIn.start(in: workspace).finish()
      #expect(refused.status == 2, "\(refused.errors)")
      #expect(
        refused.errors.contains("stage 'clean', step 2 (map): its program changed"), "\(refused.errors)")
      // Undone, it goes on.
      fanIn.program = program
      let result = try fanIn.start(in: workspace).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), expected, result.errors)
    }

    @Test func otherWorkersGoOn() throws {
      let workspace = Workspace()
      var fanIn = FanInRun(flights: 20, lines: 10)
      fanIn.writeInputs(to: workspace)
      let expected = try fanIn.undisturbed(in: workspace)
      #expect(try stopped(fanIn.start(in: workspace), in: workspace).status == 3)
      fanIn.workers = 5
      let result = try fanIn.start(in: workspace).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), expected, result.errors)
    }
  }
}
