import Testing

import PipelineFile

/// What is said about `strategy`, `exceeded`, `memory`, `nice`, `cpus`, `files` and `recycle_after`.
@Suite struct LimitDiagnosticsTests {
  static let steps = "\nsteps: [{ filter: .a }]"
  static let cases: [Said] = [
    Said(
      "all of them",
      withStage(
        "memory: 1GiB\nnice: -5\ncpus: 0-3\nfiles: 512\nrecycle_after: 1h\n"
          + "restart: { max: 0, exceeded: park }" + steps)),
    Said("soft alone", withStage("memory: { soft: 64MiB }\ncpus: [1]" + steps)),
    Said("at a sink", withSink("stdout\n    memory: 64MiB\n    recycle_after: { batches: 5 }")),
    Said("a strategy", "strategy: rest-for-one\n" + withSink("stdout")),
    Said(
      "no strategy", "strategy: one_for_all\n" + withSink("stdout"),
      "p.yaml:1:11: error: 'strategy': 'one_for_all' is not one of the choices; did you mean 'one-for-all'? write one-for-one, rest-for-one or one-for-all"
    ),
    Said(
      "exceeded", withStage("restart: { exceeded: wait }" + steps),
      "p.yaml:4:26: error: 'exceeded': 'wait' is not one of the choices; write stop or park"),
    Said(
      "memory without unit", withStage("memory: 512" + steps),
      "p.yaml:4:13: error: 'memory': the size '512' has no unit; write 512B, 512KiB or 512MiB"),
    Said(
      "memory too small", withStage("memory: 1MiB" + steps),
      "p.yaml:4:13: error: 'memory': '1MiB' is less than a worker needs; write at least 32MiB"),
    Said(
      "soft above hard", withStage("memory: { soft: 2GiB, hard: 1GiB }" + steps),
      "p.yaml:4:21: error: 'soft' is 2GiB and 'hard' is 1GiB, so the worker would be killed before it is replaced; write a 'soft' below 'hard'"
    ),
    Said(
      "nice", withStage("nice: 20" + steps),
      "p.yaml:4:11: error: 'nice': 20 is out of range; write a number from -20 to 19"),
    Said(
      "cpus backwards", withStage("cpus: 3-1" + steps),
      "p.yaml:4:11: error: 'cpus': the range '3-1' ends before it begins; write the lower number first"),
    Said(
      "no cpus", withStage("cpus: []" + steps),
      "p.yaml:4:11: error: 'cpus' is an empty list; name a processor, or leave it out"),
    Said(
      "files", withStage("files: 3" + steps),
      "p.yaml:4:12: error: 'files': 3 is out of range; write a number from 64 to 1048576"),
    Said(
      "recycle_after of nothing", withStage("recycle_after: {}" + steps),
      "p.yaml:4:20: error: 'recycle_after' of stage 's' says nothing; write 'batches', 'time' or both"),
    Said(
      "what is read once", withSource("{ file: { path: \"-\", format: jsonl } }\n    recycle_after: 1h"),
      "p.yaml:4:5: error: 'recycle_after' ends a worker, and what stage 'r' reads can be read only once; remove it, or set 'spool: true'"
    ),
  ]

  @Test(arguments: cases) func says(_ said: Said) {
    #expect(Workspace().said(about: said.text) == said.expected)
  }

  @Test func `what is written is what the plan has`() throws {
    let plan = try Workspace().load(
      text: withStage(
        "memory: { soft: 64MiB, hard: 1GiB }\nnice: 5\ncpus: [3, 0-1]\nfiles: 512\n"
          + "recycle_after: { batches: 7, time: 2m }" + Self.steps)
    ).get().plan
    let limits = try #require(plan.stages.first { $0.name == "s" }).limits
    var expected = LimitPlan()
    expected.softMemory = 64 << 20
    expected.hardMemory = 1 << 30
    expected.nice = 5
    expected.cpus = [0, 1, 3]
    expected.files = 512
    expected.recycleBatches = 7
    expected.recycleTime = 120_000_000_000
    #expect(limits == expected)
  }
}
