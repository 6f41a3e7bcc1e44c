import Glibc
import TestSupport
import Testing

extension EndToEnd {
  /// Records that end the workers that work on them.
  @Suite struct DeadlyRecordTests {
    @Test(arguments: FlightsRun.methods)
    func theyBecomeLettersAndTheRestIsDelivered(method: String) throws {
      let workspace = Workspace()
      let poison = PoisonRun(keys: "start_method: \(method), ")
      let result = try poison.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(result.errors.contains("work.0 was killed by SIGABRT"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == poison.letters("SIGABRT"))
      let shown = try workspace.run(["dead-letters", "show", "p.yaml", "1"]).outputText
      #expect(shown.contains("death     SIGABRT\n"), "\(shown)")
      #expect(shown.contains("attempts  5\n"), "\(shown)")
      // A process that was not forked prints a backtrace behind it, which leaves no room for more.
      if method != "spawn" { #expect(shown.contains(PoisonRun.assertion), "\(shown)") }
      #expect(shown.contains("{\"n\":-1}"), "\(shown)")
    }

    @Test func aProgramWithoutAnEndIsEndedByItsDeadline() throws {
      let workspace = Workspace()
      let poison = PoisonRun(
        program: PoisonRun.neverEnds, keys: "attempts: 1, deadline: 200ms, ", poison: [1_200, 2_500])
      let result = try poison.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == poison.letters("deadline"))
    }

    @Test func dropLeavesNoLetter() throws {
      let workspace = Workspace()
      let poison = PoisonRun(keys: "on_error: drop, attempts: 1, ")
      let result = try poison.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == [])
      #expect(try FinishedTable(result.errors).filtered["work"] == 3)
    }

    @Test func failNamesFileAndLine() throws {
      let workspace = Workspace()
      let poison = PoisonRun(keys: "on_error: fail, attempts: 1, ")
      let result = try poison.complete(in: workspace)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("in.jsonl:1201: error: this record ends its worker (SIGABRT)"),
        "\(result.errors)")
    }

    /// The other workers, the source, the sink and the supervisor die too, which is nobody's fault.
    @Test(arguments: Seed.some(1))
    func theLettersAreTheSameAfterRandomKills(seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      let poison = PoisonRun(
        keys: "attempts: 1, ", records: 40_000, poison: [10, 15_000, 39_999])
      poison.writeInput(to: workspace)
      var kills: [String] = []
      var errors = ""
      for _ in 0..<30 {
        let run = try poison.start(in: workspace)
        for _ in 0..<4 where run.isRunning {
          try Waiting.pause(.milliseconds(Int.random(in: 10...120, using: &seed)))
          // The stage with the poison is left alone: its deaths would count against its batches.
          let victims = run.workers.filter { !$0.name.hasPrefix("work.") }
          guard let victim = victims.randomElement(using: &seed) else { continue }
          victim.kill()
          kills.append(victim.name)
        }
        if kills.count < 8 {
          try? run.signal(SIGKILL)
          kills.append("supervisor")
        }
        let result = try run.wait()
        errors += result.errors
        if result.status != -SIGKILL && result.status != 1 { break }
      }
      let story = "\(seed.testDescription), killed \(kills)\n\(errors)"
      #expect(errors.contains("every stage balances"), "\(story)")
      expectSameBytes(workspace.read("out.jsonl"), Array(poison.expected.utf8), story)
      #expect(try workspace.letters() == poison.letters("SIGABRT"), "\(story)")
      workspace.expectNothingLeft()
    }

    /// What was condemned before the supervisor died is not tried again.
    @Test func theCondemnedStayCondemned() throws {
      let workspace = Workspace()
      let poison = PoisonRun(keys: "attempts: 1, ", poison: [100, 200, 300, 400, 500])
      poison.writeInput(to: workspace)
      let run = try poison.start(in: workspace)
      func deaths(_ errors: String) -> Int { errors.ranges(of: "was killed by SIGABRT").count }
      // Three deaths condemn the first; each of the others takes two more.
      try Waiting.until("a condemned record") { deaths(run.errors) >= 4 || !run.isRunning }
      try run.signal(SIGKILL)
      let first = try run.wait()
      #expect(first.status == -SIGKILL, "\(first.errors)")
      let result = try poison.start(in: workspace).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == poison.expected)
      #expect(try workspace.letters() == poison.letters("SIGABRT"))
      // From the start it would take one death for the batch, and two for each record.
      #expect(deaths(result.errors) < 11, "\(result.errors)")
    }
  }
}
