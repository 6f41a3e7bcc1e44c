import Testing

extension EndToEnd {
  /// Programs that die, hang, say too much, or never work at all.
  @Suite(.enabled(if: Programs.hasPython, "no python3")) struct FaultyProgramTests {
    /// Runs numbers through a Python program with a special case.
    private func run(
      _ cases: String, options: String = "", keys: String = "", count: Int = 3_000, in workspace: Workspace
    ) throws -> RunResult {
      workspace.writeNumbers(count)
      workspace.write("double.py", Programs.python(cases))
      workspace.writePipeline(
        "- exec: { command: [python3, -u, double.py], per: line\(options) }", keys: keys)
      return try workspace.run(["run", "p.yaml"])
    }

    @Test func linesThatKillItAreLettersWithItsLastWords() throws {
      let workspace = Workspace()
      let result = try run("    if n in (700, 2000): raise ValueError('bad %d' % n)", in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(workspace.text("out.jsonl") == Programs.doubles(3_000, without: [700, 2_000]))
      let letters = try workspace.letters()
      #expect(letters.count == 2, "\(letters)")
      for (letter, number) in zip(letters, [700, 2_000]) {
        #expect(
          letter.hasPrefix(
            "work in.jsonl:\(number + 1) the program 'python3 -u double.py' ended (exit 1) before it had answered with "
              + "this record in hand, 3 times; it said last: "), "\(letter)")
        #expect(letter.contains("'ValueError: bad \(number)'"), "\(letter)")
      }
      let shown = try workspace.run(["dead-letters", "show", "p.yaml", "1"]).outputText
      #expect(shown.contains("step      1\n"), "\(shown)")
    }

    @Test func aHangIsEndedAndItsLineRefused() throws {
      let workspace = Workspace()
      let result = try run(
        "    if n == 50: os.system('sleep 1000')", options: ", deadline: 300ms", keys: "attempts: 2",
        count: 100,
        in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == Programs.doubles(100, without: [50]))
      let letters = try workspace.letters()
      #expect(letters.count == 1 && letters[0].contains("in.jsonl:51 "), "\(letters)")
      #expect(letters[0].contains("gave no answer for 300ms and was ended"), "\(letters)")
      #expect(letters[0].contains("with this record in hand, 2 times"), "\(letters)")
    }

    @Test func failNamesTheLine() throws {
      let workspace = Workspace()
      let result = try run("    if n == 70: os._exit(5)", keys: "on_error: fail", in: workspace)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("in.jsonl:71: error: the program 'python3 -u double.py' ended (exit 5)"),
        "\(result.errors)")
      #expect(result.errors.contains("(stage work, step 1, exec)"), "\(result.errors)")
    }

    @Test func aLineWithoutAnAnswerTakesNoOthers() throws {
      let workspace = Workspace()
      let result = try run(
        "    if n == 41: continue", options: ", deadline: 300ms", keys: "attempts: 1", count: 100,
        in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == Programs.doubles(100, without: [41]))
      #expect(try workspace.letters().count == 1)
    }

    @Test func oneAnswerTooManyEndsTheRun() throws {
      let workspace = Workspace()
      let result = try run("    if n == 41: print('{}')", count: 100, in: workspace)
      #expect(result.status == 1)
      #expect(result.errors.contains("no line is owed an answer"), "\(result.errors)")
      #expect(result.errors.contains("error: the program 'python3 -u double.py' wrote '"), "\(result.errors)")
      #expect(workspace.read("out.jsonl").map(\.isEmpty) ?? true)
    }

    @Test func aSummaryBehindTheLastAnswerEndsTheRun() throws {
      let workspace = Workspace()
      workspace.writeNumbers(100)
      workspace.writePipeline("- exec: { command: 'cat; echo 100 lines', shell: true }", workers: 1)
      let result = try workspace.run(["run", "p.yaml"])
      #expect(result.status == 1)
      #expect(
        result.errors.contains("in.jsonl:100: error: the program 'cat; echo 100 lines' wrote '100 lines'"),
        "\(result.errors)")
    }

    @Test func aProgramThatNeverWorksIsNamed() throws {
      let workspace = Workspace()
      workspace.writeNumbers(100)
      workspace.writePipeline(
        "- exec: { command: [python3, missing.py], restart: { max: 4, backoff: 1ms..10ms } }", workers: 1)
      let result = try workspace.run(["run", "p.yaml"])
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          "p.yaml:7:9: error: the program 'python3 missing.py' ended (exit 2) before it had answered, 5 times in a row"
        ),
        "\(result.errors)")
      #expect(result.errors.contains("can't open file"), "\(result.errors)")
    }

    @Test func noiseOnStandardErrorBlocksNothing() throws {
      let workspace = Workspace()
      let result = try run("    sys.stderr.write('x' * 1000 + chr(10))", in: workspace)
      #expect(result.status == 0)
      #expect(workspace.text("out.jsonl") == Programs.doubles(3_000))
    }

    @Test func aBatchThatFailsIsTakenApart() throws {
      let workspace = Workspace()
      workspace.writeNumbers(12)
      workspace.write(
        "all.py",
        """
        import json, sys
        for line in sys.stdin.readlines():
            print(json.dumps({"inverse": 60 // (json.loads(line)["n"] - 7)}))
        """)
      workspace.writePipeline(
        "- exec: { command: [python3, all.py], per: batch }", keys: "attempts: 2", workers: 1)
      let result = try workspace.run(["run", "p.yaml"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(
        workspace.text("out.jsonl")
          == [-9, -10, -12, -15, -20, -30, -60, 60, 30, 20, 15].map { "{\"inverse\": \($0)}\n" }.joined())
      let letters = try workspace.letters()
      #expect(
        letters.count == 1
          && letters[0].hasPrefix("work in.jsonl:8 the program 'python3 all.py' failed (exit 1), 2 times"),
        "\(letters)")
      #expect(letters[0].contains("ZeroDivisionError"), "\(letters)")
    }
  }
}
