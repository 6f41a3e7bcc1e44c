import TestSupport
import Testing

import PipelineFile

/// Random edits of random plans: the allowed keep the state, the others are named.
@Suite struct PlanChangesPropertyTests {
  typealias Edit = @Sendable (inout PlanModel, inout SeededRandom) -> String?

  /// Each gives nil where it does not fit the plan.
  static let allowed: [(name: String, edit: Edit)] = [
    (
      "workers",
      { model, random in
        guard let index = model.pick(using: &random, where: { $0.isSteps && $0.plan.key == nil }) else {
          return nil
        }
        model.stages[index].plan.workers = Int.random(in: 1...9, using: &random)
        return ""
      }
    ),
    (
      "restart",
      { model, random in
        let index = model.stages.indices.randomElement(using: &random)!
        model.stages[index].plan.restart.policy = RestartPlan.Policy.allCases.randomElement(using: &random)!
        model.stages[index].plan.restart.max += 1
        return ""
      }
    ),
    (
      "errors",
      { model, random in
        guard let index = model.pick(using: &random, where: { !$0.isSource }) else { return nil }
        model.stages[index].plan.errors = ErrorPlan(
          onError: ErrorPlan.OnError.allCases.randomElement(using: &random)!, attempts: 9, deadline: 1)
        return ""
      }
    ),
    (
      "letters",
      { model, random in
        model.deadLetters = DeadLetterPlan(limit: .count(UInt64.random(in: 0...9, using: &random)), keep: 1)
        return ""
      }
    ),
    (
      "start",
      { model, random in
        let index = model.stages.indices.randomElement(using: &random)!
        model.stages[index].plan.startMethod = .spawn
        model.stages[index].plan.requestedStartMethod = .spawn
        model.stages[index].plan.startMethodReason = "asked for"
        return ""
      }
    ),
    (
      "variables",
      { model, random in
        model.vars.removeAll { $0.name != "used" }
        model.vars.insert(.init(name: "spare\(Int.random(in: 0...9, using: &random))", json: "2"), at: 0)
        return ""
      }
    ),
    (
      "places",
      { model, random in
        let position = SourcePosition(file: "q.yaml", line: Int.random(in: 1...99, using: &random), column: 9)
        for index in model.stages.indices {
          model.stages[index].plan.position = position
          model.stages[index].plan.key?.position = position
          model.stages[index].editSource { $0.position = position }
          model.stages[index].editSink { $0.position = position }
        }
        return ""
      }
    ),
    (
      "existing",
      { model, random in
        guard let index = model.pick(using: &random, where: \.isSink) else { return nil }
        let existing = SinkPlan.Existing.allCases.randomElement(using: &random)!
        model.stages[index].editSink { sink in
          if case .file(var file) = sink.target {
            file.existing = existing
            sink.target = .file(file)
          } else if case .sqlite(var table) = sink.target {
            table.existing = existing
            sink.target = .sqlite(table)
          }
        }
        return ""
      }
    ),
    (
      "from",
      { model, random in
        let index = model.stages.indices.randomElement(using: &random)!
        model.stages[index].from.shuffle(using: &random)
        return ""
      }
    ),
    (
      "addition",
      { model, random in
        guard !model.stages.contains(where: { $0.name == "new" }) else { return nil }
        let from = model.names { $0.isReadable }.sample(upTo: 3, using: &random)
        model.add("new", .steps([.map(.program(".new"))]), from: from)
        let sink = SinkPlan(target: .discard, format: .jsonLines, position: .nowhere)
        model.add("newer", .sink(sink), from: ["new"])
        for _ in 0..<2 {
          let added = model.stages.removeLast()
          model.stages.insert(added, at: Int.random(in: 0...model.stages.count, using: &random))
        }
        return ""
      }
    ),
    (
      "order",
      { model, random in
        var moved = model
        moved.stages.shuffle(using: &random)
        if moved.pathsToSinks == model.pathsToSinks { model = moved }
        return ""
      }
    ),
  ]

  /// Each gives what must be named.
  static let preventing: [(name: String, edit: Edit)] = [
    source("renamed") { $0.plan.name += "x" },
    source("workers") { $0.plan.workers += 1 },
    source("pattern") { $0.editSource { $0.pattern += "x" } },
    source("format") { $0.editSource { $0.format = .lines } },
    source("options") { $0.editSource { $0.format = .csv(CSVOptions(infer: false)) } },
    source("follow") { $0.editSource { $0.follow.toggle() } },
    source("spool") { $0.editSource { $0.spool.toggle() } },
    steps("a step more") { $0.editSteps { $0.append(.map(.program("."))) } },
    steps("a program") { stage in
      stage.editSteps { steps in
        switch steps[0] {
        case .filter(let jq): steps[0] = .filter(.program(jq.program + "x"))
        case .map(let jq): steps[0] = .map(.program(jq.program + "x"))
        case .exec, .use: break
        case .lookup(var lookup):
          lookup.table.modified += 1
          steps[0] = .lookup(lookup)
        }
      }
    },
    steps("a key") { $0.plan.key = $0.plan.key == nil ? .program(".b") : nil },
    steps("a filter in place of what was") { $0.editSteps { $0 = [.filter(.program(".other"))] } },
    sink("format") { $0.editSink { $0.format = .lines } },
    sink("order") { $0.editSink { $0.order = .any } },
    sink("workers") { $0.plan.workers += 1 },
    sink("key") { $0.plan.key = .program(".b") },
    sink("target") { stage in
      stage.editSink { sink in
        switch sink.target {
        case .file(var file):
          file.path += "x"
          sink.target = .file(file)
        case .sqlite(var table):
          table.table += "x"
          sink.target = .sqlite(table)
        case .standardOutput, .discard, .user: sink.target = .standardOutput
        }
      }
    },
    (
      "a sink gone",
      { model, random in
        guard let index = model.pick(using: &random, where: \.isSink) else { return nil }
        return "'\(model.stages.remove(at: index).name)'"
      }
    ),
    (
      "a stage between",
      { model, random in
        guard let index = model.pick(using: &random, where: { !$0.isSource }) else { return nil }
        model.add("between", .steps([.map(.program("."))]), from: [model.stages[index].from[0]])
        model.stages[index].from[0] = "between"
        return "'\(model.stages[index].name)'"
      }
    ),
    (
      "the workers of a key",
      { model, random in
        guard let index = model.pick(using: &random, where: { $0.plan.key != nil }) else { return nil }
        model.stages[index].plan.workers += 1
        return "'\(model.stages[index].name)'"
      }
    ),
    (
      "a variable that is used",
      { model, random in
        let user = model.pick(using: &random) { stage in
          guard case .steps(let steps) = stage.plan.work else { return false }
          return steps.contains(.filter(.program(".a > $vars.used")))
        }
        guard let user else { return nil }
        model.vars = [.init(name: "used", json: "\"other\"")]
        return "'\(model.stages[user].name)'"
      }
    ),
  ]

  private static func source(_ name: String, _ edit: @escaping @Sendable (inout PlanModel.Stage) -> Void) -> (
    String, Edit
  ) { stage("source: " + name, \.isSource, edit) }

  private static func steps(_ name: String, _ edit: @escaping @Sendable (inout PlanModel.Stage) -> Void) -> (
    String, Edit
  ) { stage("steps: " + name, \.isSteps, edit) }

  private static func sink(_ name: String, _ edit: @escaping @Sendable (inout PlanModel.Stage) -> Void) -> (
    String, Edit
  ) { stage("sink: " + name, \.isSink, edit) }

  private static func stage(
    _ name: String, _ isMeant: @escaping @Sendable (PlanModel.Stage) -> Bool,
    _ edit: @escaping @Sendable (inout PlanModel.Stage) -> Void
  ) -> (String, Edit) {
    (
      name,
      { model, random in
        guard let index = model.pick(using: &random, where: isMeant) else { return nil }
        let name = model.stages[index].name
        edit(&model.stages[index])
        let renamed = model.stages[index].name
        for reader in model.stages.indices {
          model.stages[reader].from = model.stages[reader].from.map { $0 == name ? renamed : $0 }
        }
        return "'\(name)'"
      }
    )
  }

  @Test(arguments: 0..<200) func allowedEditsKeepTheState(_ seed: Int) {
    var random = SeededRandom(UInt64(seed))
    var model = PlanModel(using: &random)
    let old = model.plan
    var made: [String] = []
    for _ in 0..<6 {
      let (name, edit) = Self.allowed.randomElement(using: &random)!
      if edit(&model, &random) != nil { made.append(name) }
      let changes = model.plan.changes(since: old)
      #expect(changes.keepState, "seed \(seed): \(made): \(changes.map(\.message))")
      let isFed = made.contains("addition")
      #expect(changes.count == (isFed ? 2 : 0), "seed \(seed): \(made): \(changes.map(\.message))")
    }
  }

  @Test(arguments: 0..<200) func preventingEditsAreNamed(_ seed: Int) {
    var random = SeededRandom(UInt64(seed))
    for (name, edit) in Self.preventing {
      var model = PlanModel(using: &random)
      let old = model.plan
      _ = Self.allowed.filter { $0.name != "addition" }.randomElement(using: &random)!.edit(&model, &random)
      guard let named = edit(&model, &random) else { continue }
      let changes = model.plan.changes(since: old)
      #expect(!changes.keepState, "seed \(seed): \(name)")
      #expect(
        changes.contains { $0.effect == .prevents && $0.message.contains(named) },
        "seed \(seed): \(name) of \(named): \(changes.map(\.message))")
    }
  }

  /// Against all paths written out.
  @Test(arguments: 0..<200) func theOrderIsKeptIfThatOfAllPathsIs(_ seed: Int) {
    var random = SeededRandom(UInt64(seed))
    let model = PlanModel(using: &random)
    for _ in 0..<10 {
      var moved = model
      moved.stages.shuffle(using: &random)
      let changes = moved.plan.changes(since: model.plan)
      #expect(
        changes.keepState == (moved.pathsToSinks == model.pathsToSinks),
        "seed \(seed): \(moved.stages.map(\.name)): \(changes.map(\.message))")
    }
  }
}
