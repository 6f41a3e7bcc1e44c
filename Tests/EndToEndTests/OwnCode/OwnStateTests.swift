import Glibc
import POSIXKit
import Testing

extension EndToEnd {
  /// Steps with state that a program brings.
  @Suite struct OwnStateTests {
    private let workspace = Workspace()

    private static let pipeline = """
      stages:
        read: { source: { file: in.jsonl } }
        tally: { restart: { max: 50, within: 1m, backoff: 1ms..5ms }, steps: [ { use: tally } ] }
        out: { sink: { file: out.jsonl } }
      """

    private func run(_ records: Int) throws -> RunResult {
      let names = ["ada", "bo", "cy"]
      workspace.write("in.jsonl", (0..<records).map { "{\"name\":\"\(names[$0 % 3])\"}\n" }.joined())
      workspace.write("p.yaml", Self.pipeline)
      return try workspace.run(["run", "p.yaml"], program: Repository.stepsFixture)
    }

    @Test func `a step remembers by key, and writes what it owes at the end`() throws {
      let result = try run(5)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(
        workspace.text("out.jsonl") == """
          {"count":"1","name":"ada"}
          {"count":"1","name":"bo"}
          {"count":"1","name":"cy"}
          {"count":"2","name":"ada"}
          {"count":"2","name":"bo"}
          {"total":2,"of":"ada"}
          {"total":2,"of":"bo"}
          {"total":1,"of":"cy"}

          """)
    }

    @Test func `what a refused record changed in the state is taken back`() throws {
      workspace.write("p.yaml", Self.pipeline)
      workspace.write("in.jsonl", "{\"name\":\"spoilt\"}\n{\"name\":\"a\"}\n{\"name\":\"spoilt\"}\n")
      let result = try workspace.run(["run", "p.yaml"], program: Repository.stepsFixture)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("2 dead letters"), "\(result.errors)")
      #expect(
        workspace.text("out.jsonl") == "{\"count\":\"1\",\"name\":\"a\"}\n{\"total\":1,\"of\":\"a\"}\n")
    }

    @Test func `kills change nothing`() throws {
      _ = try run(30_000)
      let result = try workspace.run(
        ["chaos", "p.yaml", "--kills", "25", "--seed", "5"], program: Repository.stepsFixture)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("0 differences"), "\(result.errors)")
    }
  }
}
