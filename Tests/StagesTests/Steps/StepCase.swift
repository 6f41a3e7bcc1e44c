import PipelineFile
import Testing

/// A chain, an input and its results: what the conformance suite of chains runs over.
struct StepCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var steps: [StepPlan]
  var format: FileFormat
  var input: String
  var expected: String

  private static let csv = FileFormat.csv(CSVOptions())

  /// Every kind of chain over every form of input. One line per case binds it to the suite.
  static let all = [
    StepCase(
      "filter keeps csv", [.filter(".a > 1")], csv, "a,b\n1,x\n2.50,\"y\nz\"\r\n3,\n", "2.50,\"y\nz\"\n3,\n"),
    StepCase(
      "filter keeps jsonl", [.filter(".a > 1")], .jsonLines, "{\"a\": 1}\n\n{ \"a\" : 2.50 }\r\n",
      "{ \"a\" : 2.50 }\n"),
    StepCase("filter keeps lines", [.filter("test(\"x\")")], .lines, "ax\r\nb\n x \n", "ax\n x \n"),
    StepCase("filters in a row", [.filter(".a > 1"), .filter(".a < 3")], csv, "a\n1\n2\n3\n", "2\n"),
    StepCase(
      "map csv", [.map("{b, c: (.a + 1)}")], csv, "a,b\n1,x\n2,\n",
      "{\"b\":\"x\",\"c\":2}\n{\"b\":null,\"c\":3}\n"),
    StepCase("map jsonl", [.map(".a")], .jsonLines, "{\"a\":[1, 2]}\n{}\n", "[1,2]\nnull\n"),
    StepCase("map lines", [.map("{n: length}")], .lines, "ab\n\nä", "{\"n\":2}\n{\"n\":0}\n{\"n\":1}\n"),
    StepCase(
      "map to none and many", [.map(".a[]")], .jsonLines, "{\"a\":[1,2]}\n{\"a\":[]}\n{\"a\":[3]}\n",
      "1\n2\n3\n"),
    StepCase(
      "maps in a row", [.map(".[]"), .map(". * 2, -.")], .jsonLines, "[1,2]\n[3]\n", "2\n-1\n4\n-2\n6\n-3\n"),
    StepCase("map and filter", [.map(".[]"), .filter(". > 1")], .jsonLines, "[1,2,3]\n", "2\n3\n"),
    StepCase("filter and map", [.filter(".a != null"), .map("{a}")], csv, "a,b\n,1\n2,2\n", "{\"a\":2}\n"),
    StepCase("quoted newlines", [.map("[.a, .b]")], csv, "a,b\n\"x\n\"\"y\",1\n", "[\"x\\n\\\"y\",1]\n"),
    StepCase("nothing at all", [.filter("true")], .lines, "", ""),
  ]

  init(_ name: String, _ steps: [StepPlan], _ format: FileFormat, _ input: String, _ expected: String) {
    testDescription = name
    self.steps = steps
    self.format = format
    self.input = input
    self.expected = expected
  }
}
