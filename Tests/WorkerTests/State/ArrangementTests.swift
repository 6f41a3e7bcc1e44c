import PipelineFile
import Testing
import Worker

/// Plans whose stages stand elsewhere in the file than in the one that a run began with.
struct ArrangementTests {
  private static func source(_ files: [InputFile] = []) -> StageWork {
    .source(FileSourcePlan(pattern: "in", position: Plans.position, files: files, format: .lines))
  }

  private static let sink = StageWork.sink(
    SinkPlan(target: .discard, format: .lines, position: Plans.position))

  private static func plan(_ stages: [StagePlan]) -> Plan {
    Plan(name: "p", file: "p.yaml", directory: "/", vars: [], stages: stages)
  }

  /// read -> clean -> write, and the keeper of letters.
  private static let old = plan([
    Plans.stage("read", source(), from: [], to: [1]),
    Plans.stage("clean", .steps([]), from: [0], to: [2]),
    Plans.stage("write", sink, from: [1], to: []),
    Plans.stage("dead-letters", .deadLetters, from: [1], to: []),
  ])

  private static func names(_ plan: Plan) -> [String] { plan.stages.map(\.name) }

  /// Each edge by the names at its ends.
  private static func edges(_ plan: Plan) -> Set<String> {
    var edges: Set<String> = []
    for stage in plan.stages {
      for index in stage.downstream { edges.insert("\(stage.name)>\(plan.stages[index].name)") }
      for index in stage.upstream { edges.insert("\(plan.stages[index].name)>\(stage.name)") }
    }
    return edges
  }

  @Test func `an unchanged plan stays as it is`() {
    #expect(Self.old.arranged(like: Self.old) == Self.old)
  }

  @Test func `stages that moved keep their numbers, and everyone its neighbours`() {
    let moved = Self.plan([
      Plans.stage("write", Self.sink, from: [2], to: []),
      Plans.stage("read", Self.source(), from: [], to: [2]),
      Plans.stage("clean", .steps([]), from: [1], to: [0]),
      Plans.stage("dead-letters", .deadLetters, from: [2], to: []),
    ])
    let arranged = moved.arranged(like: Self.old)
    #expect(Self.names(arranged) == Self.names(Self.old))
    #expect(Self.edges(arranged) == Self.edges(Self.old))
    #expect(arranged.topology == Self.old.topology)
  }

  @Test func `new stages come last, behind the keeper`() {
    let grown = Self.plan([
      Plans.stage("read", Self.source(), from: [], to: [1, 2]),
      Plans.stage("more", Self.sink, from: [0], to: []),
      Plans.stage("clean", .steps([]), from: [0], to: [3]),
      Plans.stage("write", Self.sink, from: [2], to: []),
      Plans.stage("dead-letters", .deadLetters, from: [2], to: []),
    ])
    let arranged = grown.arranged(like: Self.old)
    #expect(Self.names(arranged) == ["read", "clean", "write", "dead-letters", "more"])
    #expect(Self.edges(arranged) == Self.edges(Self.old).union(["read>more"]))
    #expect(arranged.stages[0].downstream == [1, 4])
  }

  @Test func `a keeper that nobody needs any more keeps its place`() {
    let without = Self.plan([
      Plans.stage("read", Self.source(), from: [], to: [1, 3]),
      Plans.stage("clean", .steps([]), from: [0], to: [2]),
      Plans.stage("write", Self.sink, from: [1], to: []),
      Plans.stage("more", Self.sink, from: [0], to: []),
    ])
    let arranged = without.arranged(like: Self.old)
    #expect(Self.names(arranged) == ["read", "clean", "write", "dead-letters", "more"])
    #expect(arranged.stages[3].upstream == [])
  }

  @Test func `a keeper that is new comes last`() {
    let without = Self.plan(Array(Self.old.stages.dropLast()))
    #expect(Self.names(Self.old.arranged(like: without)) == Self.names(Self.old))
  }

  @Test func `a run reads the files that it began with`() throws {
    let file = InputFile(path: "/in", shown: "in", size: 5, device: 1, inode: 2, modified: 3)
    var grown = file
    grown.size = 9
    func plan(_ file: InputFile) -> Plan {
      Self.plan([Plans.stage("read", Self.source([file]), from: [], to: [])])
    }
    let read = plan(grown).reading(filesOf: plan(file))
    #expect(read == plan(file))
  }
}
