import Testing

import PipelineFile

/// What is said about `on_error`, `attempts`, `deadline` and `dead_letters`.
@Suite struct ErrorDiagnosticsTests {
  static let steps = "\nsteps: [{ filter: .a }]"
  static let sources = "{ file: data/log.jsonl }\n    "
  static let cases: [Said] = [
    Said("all of them", withStage("on_error: drop\nattempts: 100\ndeadline: 30s" + steps)),
    Said("at a sink", withSink("stdout\n    on_error: fail\n    attempts: 1\n    deadline: none")),
    Said(
      "on_error unknown", withStage("on_error: die" + steps),
      "p.yaml:4:15: error: 'on_error': 'die' is not one of the choices; write dead-letter, drop or fail"),
    Said(
      "on_error misspelt", withStage("on_error: dead_letter" + steps),
      "p.yaml:4:15: error: 'on_error': 'dead_letter' is not one of the choices; did you mean 'dead-letter'? write dead-letter, drop or fail"
    ),
    Said(
      "attempts none", withStage("attempts: 0" + steps),
      "p.yaml:4:15: error: 'attempts': 0 is out of range; write a number from 1 to 100"),
    Said(
      "attempts too many", withStage("attempts: 101" + steps),
      "p.yaml:4:15: error: 'attempts': 101 is out of range; write a number from 1 to 100"),
    Said(
      "deadline without unit", withStage("deadline: 30" + steps),
      "p.yaml:4:15: error: 'deadline': the duration '30' has no unit; write 30s"),
    Said(
      "deadline of nothing", withStage("deadline: 0s" + steps),
      "p.yaml:4:15: error: 'deadline': the duration '0s' is none at all; write one above 0s"),
    Said(
      "at a source", withSource(sources + "on_error: drop\n    attempts: 2\n    deadline: 1s"),
      "p.yaml:5:5: error: 'attempts' is for stages with 'steps' and sinks, and stage 'r' is a source; remove it",
      "p.yaml:6:5: error: 'deadline' is for stages with 'steps' and sinks, and stage 'r' is a source; remove it"
    ),
    Said(
      "the keeper's name",
      "stages:\n  r: { source: { file: data/log.jsonl } }\n  dead-letters: { sink: stdout }\n",
      "p.yaml:3:3: error: the stage's name: 'dead-letters' is that of the stage which every pipeline has for dead letters; choose another"
    ),
    Said("empty", "dead_letters:\n" + withSink("stdout")),
    Said("a count", "dead_letters: { limit: 500 }\n" + withSink("stdout")),
    Said("none", "dead_letters: { limit: none, keep: 30d }\n" + withSink("stdout")),
    Said(
      "a text", "dead_letters: 10%\n" + withSink("stdout"),
      "p.yaml:1:15: error: 'dead_letters' of the pipeline must be a mapping, and this is a text; known keys: limit, keep"
    ),
    Said(
      "unknown", "dead_letters: { limits: 1%, keeps: 1d }\n" + withSink("stdout"),
      "p.yaml:1:17: error: unknown key 'limits' in 'dead_letters' of the pipeline; did you mean 'limit'? known: limit, keep",
      "p.yaml:1:29: error: unknown key 'keeps' in 'dead_letters' of the pipeline; did you mean 'keep'? known: limit, keep"
    ),
    Said(
      "no limit", "dead_letters: { limit: ten }\n" + withSink("stdout"),
      "p.yaml:1:24: error: 'limit': 'ten' is no limit; write a share such as 10%, a number of records such as 500, or none"
    ),
    Said(
      "too exact", "dead_letters: { limit: 0.125% }\n" + withSink("stdout"),
      "p.yaml:1:24: error: 'limit': the share '0.125%' is too exact; write at most two decimals"),
    Said(
      "more than all", "dead_letters: { limit: 100.01% }\n" + withSink("stdout"),
      "p.yaml:1:24: error: 'limit': '100.01%' is more than all records; write at most 100%, or none"),
    Said(
      "negative", "dead_letters: { limit: -1, keep: 0d }\n" + withSink("stdout"),
      "p.yaml:1:24: error: 'limit': '-1' is no limit; write a share such as 10%, a number of records such as 500, or none",
      "p.yaml:1:34: error: 'keep': the duration '0d' is none at all; write one above 0s"),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }

  static let limits: [(String, DeadLetterPlan.Limit)] = [
    ("10%", .share(1_000)), ("0.5%", .share(50)), ("0.25%", .share(25)), ("100%", .share(10_000)),
    ("0%", .share(0)), ("0", .count(0)), ("500", .count(500)), ("none", .none),
  ]

  @Test(arguments: limits) func limitsAreRead(_ limit: (text: String, expected: DeadLetterPlan.Limit)) throws
  {
    let text = "dead_letters: { limit: \(limit.text) }\n" + withSink("stdout")
    #expect(try Workspace().load(text: text).get().plan.deadLetters.limit == limit.expected)
  }

  @Test func theDefaults() throws {
    let plan = try Workspace().load(text: withSink("stdout")).get().plan
    #expect(plan.deadLetters == DeadLetterPlan(limit: .share(1_000), keep: nil))
    let standard = ErrorPlan(onError: .deadLetter, attempts: 3, deadline: nil)
    #expect(plan.stages.map(\.errors) == [standard, standard, ErrorPlan()])
    #expect(ErrorPlan().onError == .fail)
  }

  @Test func oneStageKeepsTheLettersOfAllThatHaveAny() throws {
    let text = """
      dead_letters: { limit: 5, keep: 2d }
      stages:
        r: { source: { file: data/flights.csv } }
        a: { from: r, on_error: drop, steps: [{ map: . }] }
        b: { from: r, attempts: 7, deadline: 1.5s, steps: [{ map: . }] }
        w: { from: [a, b], sink: stdout }
      """
    let plan = try Workspace().load(text: text).get().plan
    #expect(plan.stages.map(\.name) == ["r", "a", "b", "w", "dead-letters"])
    #expect(plan.declaredStages.map(\.name) == ["r", "a", "b", "w"])
    #expect(plan.stages.map(\.downstream) == [[1, 2], [3], [3], [], []])
    #expect(plan.stages[4].upstream == [0, 2, 3])
    #expect(plan.stages[4].work == .deadLetters && plan.stages[4].workers == 1)
    #expect(plan.stages[4].startMethod == .fork && plan.stages[4].position.line == 1)
    #expect(plan.stages[2].errors == ErrorPlan(onError: .deadLetter, attempts: 7, deadline: 1_500_000_000))
    #expect(plan.deadLetters == DeadLetterPlan(limit: .count(5), keep: 172_800_000_000_000))
    #expect(try Plan(canonicalJSON: plan.canonicalJSON()) == plan)
  }

  @Test func withoutAnyThereIsNoStageForThem() throws {
    let text = """
      stages:
        r: { on_error: drop, source: { file: data/flights.csv } }
        w: { on_error: fail, sink: stdout }
      """
    let plan = try Workspace().load(text: text).get().plan
    #expect(plan.stages.map(\.name) == ["r", "w"])
    #expect(plan.declaredStages == plan.stages)
  }

  @Test func aMissingRowMayMakeADeadLetter() throws {
    let text = withStage(
      "steps: [{ lookup: { table: data/airlines.csv, key: .carrier, as: x, missing: dead-letter } }]")
    let plan = try Workspace().load(text: text).get().plan
    guard case .steps(let steps) = plan.stages[1].work, case .lookup(let lookup) = steps[0] else {
      throw Unexpected()
    }
    #expect(lookup.missing == .deadLetter)
  }
}
