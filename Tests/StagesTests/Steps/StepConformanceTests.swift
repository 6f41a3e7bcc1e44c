import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// What every chain of steps promises.
struct StepConformanceTests {
  private let folder = TemporaryFolder()

  @Test(arguments: StepCase.all)
  func `a chain gives its results in order`(_ input: StepCase) throws {
    let batches = try folder.batches(input.input, input.format)
    #expect(try Chain(input.steps)(batches) == input.expected)
  }

  @Test(arguments: StepCase.all)
  func `a batch stays one batch, and says what it holds`(_ input: StepCase) throws {
    let chain = try Chain(input.steps)
    for batch in try folder.batches(input.input, input.format) {
      let made = try chain(batch)
      #expect(try made.records().count == made.recordCount)
      let keeps = input.steps.allSatisfy { if case .filter = $0 { true } else { false } }
      #expect(made.format == (keeps ? batch.format : .json))
      #expect(made.schema == (keeps ? batch.schema : []))
      // Nothing of one batch is left for the next.
      #expect(try chain(batch) == made)
    }
  }

  @Test func `variables are seen by every step`() throws {
    let vars = [Plan.Variable(name: "least", json: "2"), .init(name: "name", json: "\"é\"")]
    let chain = try Chain([.filter(".a >= $vars.least"), .map("{a, n: $vars.name}")], vars: vars)
    #expect(try chain(folder.batches("{\"a\":1}\n{\"a\":2}\n", .jsonLines)) == "{\"a\":2,\"n\":\"é\"}\n")
  }

  @Test func `a program that does not compile is named by its place in the pipeline file`() {
    let text = failure { _ = try Chain([.map("{a: }")]) }
    #expect(text?.hasPrefix("p.yaml:3:5: error: ") == true)
  }

  @Test func `an error has the file and the line of its record, through filters and maps`() throws {
    var text = "a,b\n"
    for index in 0..<50 { text += "\(index),\"x\ny\"\n" }
    text += "\n60,oops\n"
    let batch = try folder.batches(text, .csv(CSVOptions()), name: "data.csv")[0]
    let files = [folder.input("data.csv")]
    let filtered = try Chain([.filter(".a % 3 == 0")], files: files)(batch)
    #expect(!filtered.lineTable.isEmpty)
    let twice = try Chain([.filter(".a > 20")], files: files)(filtered)
    #expect(
      failure { _ = try Chain([.filter(".a < 0"), .map("1")], files: files)(twice) } == nil)
    let failing = "if .b == \"oops\" then error(\"no\") else . end"
    #expect(
      failure { _ = try Chain([.filter("true"), .map(failing)], files: files)(twice) }
        == "data.csv:103: error: no (stage clean, step 2, map)")
    let mapped = try Chain([.map("., .")], files: files)(twice)
    #expect(
      failure { _ = try Chain([.filter(failing)], files: files)(mapped) }
        == "data.csv:103: error: no (stage clean, step 1, filter)")
    #expect(
      failure { _ = try Chain([.map("error(.a | tostring)")], files: files)(twice) }
        == "data.csv:44: error: 21 (stage clean, step 1, map)")
  }

  @Test func `a row that breaks its schema is an error at its line, filtered or not`() throws {
    var options = CSVOptions()
    options.types = [.init(column: "a", type: .number)]
    let batch = try folder.batches("a,b\n1,x\n\"y\n\",z\nno,x\n", .csv(options))[0]
    let chain = try Chain([.filter(".b != \"q\" and .a != null")], files: [folder.input("in")])
    #expect(failure { _ = try chain(batch) }?.hasPrefix("in:3: error: column 'a': ") == true)
    let ragged = try folder.batches("a,b\n1,x\n2\n", .csv(CSVOptions()))[0]
    #expect(
      failure { _ = try Chain([.filter("true")], files: [folder.input("in")])(ragged) }
        == "in:3: error: 1 cells where the columns are 2; add the missing cells, or set ragged: pad")
  }
}
