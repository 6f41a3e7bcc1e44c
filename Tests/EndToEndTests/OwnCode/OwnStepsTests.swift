import Glibc
import POSIXKit
import Testing

extension EndToEnd {
  /// Pipelines of a program that brings steps, sources and sinks of its own.
  @Suite struct OwnStepsTests {
    private let workspace = Workspace()

    /// `keys` are more keys of the stage in the middle.
    private func pipeline(_ steps: String, keys: String = "", top: String = "") -> String {
      """
      \(top)
      stages:
        read: { source: { file: in.jsonl } }
        clean: { \(keys)restart: { max: 50, within: 1m, backoff: 1ms..5ms }, steps: [\(steps)] }
        out: { restart: { max: 50, within: 1m, backoff: 1ms..5ms }, sink: { file: out.jsonl } }
      """
    }

    private func run(_ arguments: String...) throws -> RunResult {
      try workspace.run(arguments, program: Repository.stepsFixture)
    }

    @Test func `a thrown error is a dead letter of the record that the stage took`() throws {
      workspace.write(
        "p.yaml", pipeline("{ filter: .a != 2 }, { use: over, with: { field: b } }, { use: twice }"))
      workspace.write(
        "in.jsonl", "{\"a\":1,\"b\":11}\n{\"a\":2}\n\n{\"a\":3}\n{\"a\":4,\"b\":5}\n{\"a\":5,\"b\":12}\n")
      let result = try run("run", "p.yaml")
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        workspace.text("out.jsonl") == "{\"value\":11}\n{\"value\":11}\n{\"value\":12}\n{\"value\":12}\n")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      let letters = try run("dead-letters", "list", "p.yaml", "--json")
      #expect(letters.outputText.contains("\"cause\" : \"the record has no b\""), "\(letters.outputText)")
      #expect(letters.outputText.contains("\"line\" : 4"), "\(letters.outputText)")
      #expect(letters.outputText.contains("\"step\" : 2"), "\(letters.outputText)")
    }

    @Test func `a name that nobody registered is told with those that are`() throws {
      workspace.write("p.yaml", pipeline("{ use: twise }"))
      workspace.write("in.jsonl", "{}\n")
      let result = try run("validate", "p.yaml")
      #expect(result.status == 2)
      #expect(
        result.errors.contains("did you mean 'twice'? registered: over, twice, tally\n"), "\(result.errors)")
    }

    @Test func `a batch that throws is tried record by record`() throws {
      workspace.write("p.yaml", pipeline("{ use: twice }"))
      workspace.write("in.jsonl", "{\"a\":1}\n{\"bad\":true}\n{\"a\":2}\n")
      let result = try run("run", "p.yaml")
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "{\"a\":1}\n{\"a\":1}\n{\"a\":2}\n{\"a\":2}\n")
      #expect(result.errors.contains("1 dead letter"), "\(result.errors)")
    }

    @Test func `rows of a CSV file come as objects`() throws {
      workspace.write(
        "p.yaml",
        pipeline("{ use: over, with: { field: n, limit: 1 } }").replacing("in.jsonl", with: "in.csv"))
      workspace.write("in.csv", "n,t\n1,a\n2,\"b\nb\"\n3,c\n")
      let result = try run("run", "p.yaml")
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == "{\"value\":2}\n{\"value\":3}\n")
    }

    @Test(arguments: ["fork", "spawn", "forkserver"])
    func `every start method knows the program's types`(method: String) throws {
      workspace.write(
        "p.yaml",
        pipeline("{ use: over, with: { field: n, limit: 1 } }", keys: "workers: 2, start_method: \(method), ")
      )
      workspace.write("in.jsonl", (0..<1000).map { "{\"n\":\($0)}\n" }.joined())
      let result = try run("run", "p.yaml")
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text("out.jsonl") == (2..<1000).map { "{\"value\":\($0)}\n" }.joined())
    }

    @Test func `settings are checked and explained`() throws {
      workspace.write(
        "p.yaml", pipeline("{ use: over, with: { field: n } }, { use: over, with: { limt: 1 } }"))
      workspace.write("in.jsonl", "")
      let wrong = try run("validate", "p.yaml")
      #expect(wrong.status == 2)
      #expect(
        wrong.errors.contains("unknown key 'limt' in the settings of 'over'; did you mean 'limit'?"),
        "\(wrong.errors)")
      #expect(wrong.errors.contains("'field' is missing"), "\(wrong.errors)")
      workspace.write("p.yaml", pipeline("{ use: over, with: { field: n } }"))
      let right = try run("validate", "--explain", "p.yaml")
      #expect(right.outputText.contains("default limit: 10.0 ('over' in step 1)"), "\(right.output)")
    }

    @Test func `a pipeline in Swift runs by its name, closures and all`() throws {
      workspace.write("in.jsonl", (0..<500).map { "{\"a\":\($0)}\n" }.joined() + "{\"a\":\"x\"}\n")
      let result = try run("run", "scaled")
      #expect(result.status == 0, "\(result.errors)")
      let expected = (0..<500).map { "{\"a\":\($0 * 10)}\n{\"a\":\($0 * 10)}\n" }.joined()
      #expect(workspace.text("scaled.jsonl") == expected)
      #expect(try run("graph", "scaled").outputText.contains("use scaled/clean/step-2"))
    }

    @Test func `a closure can't be spawned, and that is told with the place in the Swift file`() throws {
      workspace.write("in.jsonl", "")
      let result = try run("validate", "spawned")
      #expect(result.status == 2)
      #expect(result.errors.contains("StepsFixture/main.swift:"), "\(result.errors)")
      #expect(result.errors.contains("is a closure, which only a fork takes along"), "\(result.errors)")
    }

    @Test(arguments: Seed.some(2))
    func `kills change nothing`(seed: Seed) throws {
      workspace.write(
        "p.yaml", pipeline("{ use: over, with: { field: n } }, { use: twice }", keys: "workers: 2, "))
      workspace.write("in.jsonl", (0..<60_000).map { "{\"n\":\($0)}\n" }.joined())
      let result = try run("chaos", "p.yaml", "--kills", "25", "--seed", "\(seed.value)")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("0 differences"), "\(result.errors)")
    }
  }
}
