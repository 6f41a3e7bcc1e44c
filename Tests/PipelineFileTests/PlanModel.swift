import PipelineFile
import TestSupport

/// A plan as it can be edited: stages are joined by name, and numbers follow from their order.
struct PlanModel {
  struct Stage {
    var plan: StagePlan
    var from: [String]

    var name: String { plan.name }
  }

  var vars: [Plan.Variable]
  var stages: [Stage]
  var deadLetters = DeadLetterPlan()

  /// A random graph: each stage that is no sink is read, by stages behind it.
  init(using random: inout SeededRandom) {
    vars = [.init(name: "used", json: "1"), .init(name: "spare", json: "1")]
    stages = []
    for index in 0..<Int.random(in: 1...3, using: &random) {
      let source = FileSourcePlan(
        pattern: "in\(index)*.csv", position: .nowhere, files: [], format: .csv(CSVOptions()))
      add("source\(index)", .source(source), from: [])
    }
    for index in 0..<Int.random(in: 1...5, using: &random) {
      let from = names { $0.isReadable }.sample(upTo: 2, using: &random)
      add("step\(index)", .steps(Self.steps(using: &random)), from: from)
      if Bool.random(using: &random) { stages[stages.count - 1].plan.key = .program(".key") }
    }
    for index in 0..<Int.random(in: 1...4, using: &random) {
      let targets: [SinkPlan.Target] = [
        .discard, .file(FileTarget(path: "/d/\(index).jsonl", shown: "\(index).jsonl", existing: .own)),
        .sqlite(
          SQLiteTarget(
            path: "/d/\(index).db", shown: "\(index).db", table: "t", key: [], columns: nil, existing: .own)),
      ]
      let sink = SinkPlan(
        target: targets.randomElement(using: &random)!, format: .jsonLines, position: .nowhere)
      add(
        "sink\(index)", .sink(sink), from: names { $0.isReadable }.sample(upTo: 3, using: &random))
    }
    let read = Set(stages.flatMap(\.from))
    stages[stages.count - 1].from += names { $0.isReadable && !read.contains($0.name) }
      .filter { !stages[stages.count - 1].from.contains($0) }
  }

  mutating func add(_ name: String, _ work: StageWork, from: [String]) {
    let errors: ErrorPlan
    if case .source = work { errors = ErrorPlan() } else { errors = ErrorPlan(onError: .deadLetter) }
    stages.append(
      Stage(
        plan: StagePlan(
          name: name, position: .nowhere, upstream: [], downstream: [], workers: 1,
          requestedStartMethod: .auto, startMethod: .fork, startMethodReason: "", restart: .standard,
          errors: errors, work: work), from: from))
  }

  func names(where isMeant: (Stage) -> Bool) -> [String] { stages.filter(isMeant).map(\.name) }

  /// The number of a random stage of which something is true; nil if there is none.
  func pick(using random: inout SeededRandom, where isMeant: (Stage) -> Bool) -> Int? {
    stages.indices.filter { isMeant(stages[$0]) }.randomElement(using: &random)
  }

  var plan: Plan {
    var plans = stages.map(\.plan)
    let index = Dictionary(uniqueKeysWithValues: stages.enumerated().map { ($0.element.name, $0.offset) })
    for (reader, stage) in stages.enumerated() {
      plans[reader].upstream = stage.from.map { index[$0]! }
      for upstream in plans[reader].upstream { plans[upstream].downstream.append(reader) }
    }
    for stage in plans.indices { plans[stage].downstream.sort() }
    let senders = plans.indices.filter { plans[$0].errors.onError == .deadLetter }
    if !senders.isEmpty {
      plans.append(
        StagePlan(
          name: DeadLetterPlan.stageName, position: .nowhere, upstream: senders, downstream: [], workers: 1,
          requestedStartMethod: .auto, startMethod: .fork, startMethodReason: "", restart: .standard,
          work: .deadLetters))
    }
    return Plan(
      name: "p", file: "p.yaml", directory: "/d", vars: vars, stages: plans, deadLetters: deadLetters)
  }

  /// Every path from a source to each sink, in the order in which a sink waits for them: by the numbers of the
  /// stages that they pass.
  var pathsToSinks: [String: [[String]]] {
    let plan = plan
    var result: [String: [[String]]] = [:]
    func walk(_ path: [Int]) {
      let stage = plan.stages[path.last!]
      if case .sink = stage.work {
        result[stage.name, default: []].append(path.map { plan.stages[$0].name })
      }
      for next in stage.downstream { walk(path + [next]) }
    }
    for stage in plan.stages.indices where stages.indices.contains(stage) && stages[stage].from.isEmpty {
      walk([stage])
    }
    return result
  }

  private static func steps(using random: inout SeededRandom) -> [StepPlan] {
    let table = InputFile(path: "/d/t.csv", shown: "t.csv", size: 1, device: 2, inode: 3, modified: 4)
    let lookup = LookupPlan(
      table: table, format: .jsonLines, key: .program(".a"), tableKey: "a", field: "b", missing: .null,
      position: .nowhere)
    let all: [StepPlan] = [
      .filter(.program(".a > $vars.used")), .map(.program(".b")), .lookup(lookup),
    ]
    return (0...Int.random(in: 0...2, using: &random)).map { _ in all.randomElement(using: &random)! }
  }
}

extension PlanModel.Stage {
  var isSource: Bool { if case .source = plan.work { true } else { false } }
  var isSink: Bool { if case .sink = plan.work { true } else { false } }
  var isSteps: Bool { if case .steps = plan.work { true } else { false } }
  var isReadable: Bool { !isSink }

  mutating func editSource(_ edit: (inout FileSourcePlan) -> Void) {
    guard case .source(var source) = plan.work else { return }
    edit(&source)
    plan.work = .source(source)
  }

  mutating func editSteps(_ edit: (inout [StepPlan]) -> Void) {
    guard case .steps(var steps) = plan.work else { return }
    edit(&steps)
    plan.work = .steps(steps)
  }

  mutating func editSink(_ edit: (inout SinkPlan) -> Void) {
    guard case .sink(var sink) = plan.work else { return }
    edit(&sink)
    plan.work = .sink(sink)
  }
}

extension SourcePosition {
  static let nowhere = SourcePosition(file: "p.yaml", line: 1, column: 1)
}

extension JQPlan {
  static func program(_ text: String) -> JQPlan { JQPlan(program: text, position: .nowhere) }
}

extension [String] {
  /// At least one of them, in random order.
  func sample(upTo limit: Int, using random: inout SeededRandom) -> [String] {
    Array(shuffled(using: &random).prefix(Int.random(in: 1...limit, using: &random)))
  }
}
