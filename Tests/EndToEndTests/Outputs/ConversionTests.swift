import Testing

extension EndToEnd {
  /// One format read, another written, without steps between.
  @Suite struct ConversionTests {
    private func convert(
      _ text: String, _ source: String, _ sink: String, input: String, output: String
    ) throws -> String? {
      let workspace = Workspace()
      workspace.write(input, text)
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: { path: \(input)\(source) } } }
            write: { sink: { file: { path: \(output)\(sink) } } }
          """)
      #expect(result.status == 0, "\(result.errors)")
      return workspace.text(output)
    }

    @Test func cellsAreTypedAsTheyRead() throws {
      let cells = [
        ("007", "\"007\""), ("1e400", "\"1e400\""), ("1e4", "1e4"), ("-1.50", "-1.50"), ("0", "0"),
        ("-0", "-0"), ("+1", "\"+1\""), (".5", "\".5\""), ("1.", "\"1.\""), ("true", "true"),
        ("false", "false"), ("True", "\"True\""), ("NA", "null"), ("\"NA\"", "\"NA\""),
        ("\"5\"", "\"5\""), ("\"\"", "\"\""), (" 5", "\" 5\""), ("NaN", "\"NaN\""),
        ("Infinity", "\"Infinity\""), ("x y", "\"x y\""), ("\"a\"\"b\"", "\"a\\\"b\""),
        ("12345678901234567890123", "12345678901234567890123"), ("é", "\"é\""), ("a\\b", "\"a\\\\b\""),
      ]
      let text = "c,d\n" + cells.map { "\($0.0),1\n" }.joined()
      let expected = cells.map { "{\"c\":\($0.1),\"d\":1}\n" }.joined()
      let found = try convert(
        text, ", csv: { nulls: [\"\", NA] }", "", input: "in.csv", output: "out.jsonl")
      #expect(found == expected)
    }

    @Test func typesOverrideWhatCellsLookLike() throws {
      let found = try convert(
        "a,b,c,d\n1,2,true,3\n,,,\n", ", csv: { types: { a: text, b: number, c: boolean } }", "",
        input: "in.csv", output: "out.jsonl")
      #expect(
        found == "{\"a\":\"1\",\"b\":2,\"c\":true,\"d\":3}\n{\"a\":null,\"b\":null,\"c\":null,\"d\":null}\n")
    }

    @Test func inferenceCanBeTurnedOff() throws {
      let found = try convert(
        "a,b,c,d\n1,2,true,\n", ", csv: { infer: false, types: { b: number } }", "",
        input: "in.csv", output: "out.jsonl")
      #expect(found == "{\"a\":\"1\",\"b\":2,\"c\":\"true\",\"d\":null}\n")
    }

    @Test func csvStaysCSV() throws {
      let found = try convert(
        "a,b,c\n1,\"x, y\",\n007,\"say \"\"hi\"\"\",true\n\"5\",1e400,-0.50\n", "", "", input: "in.csv",
        output: "out.csv")
      #expect(found == "a,b,c\n1,\"x, y\",\n007,\"say \"\"hi\"\"\",true\n\"5\",1e400,-0.50\n")
    }

    @Test func columnsCanBeChosen() throws {
      let found = try convert(
        "{\"b\":2,\"a\":1}\n{\"a\":3}\n", "", ", csv: { columns: [a, b], delimiter: tab }", input: "in.jsonl",
        output: "out.csv")
      #expect(found == "a\tb\n1\t2\n3\t\n")
    }

    /// Text that would read as something else is quoted, so that it comes back as it was.
    @Test func objectsBecomeRows() throws {
      let found = try convert(
        "{\"a\":1,\"b\":\"x,y\"}\n{\"b\":null,\"a\":\"NA\"}\n{\"a\":[1,{\"z\":2}],\"b\":true}\n", "",
        ", csv: { nulls: [NA] }", input: "in.jsonl", output: "out.csv")
      #expect(found == "a,b\n1,\"x,y\"\n\"NA\",NA\n\"[1,{\"\"z\"\":2}]\",true\n")
    }

    @Test func aHeaderIsWrittenForNoRecordsAtAll() throws {
      let found = try convert(
        "", "", ", csv: { columns: [a, b] }", input: "in.jsonl", output: "out.csv")
      #expect(found == "a,b\n")
    }

    @Test func linesStayLines() throws {
      let found = try convert(" a\n\n\"b\"\n", "", "", input: "in.txt", output: "out.txt")
      #expect(found == " a\n\n\"b\"\n")
    }

    @Test func linesBecomeStrings() throws {
      let found = try convert("a \"b\"\n\n7\n", "", "", input: "in.txt", output: "out.jsonl")
      #expect(found == "\"a \\\"b\\\"\"\n\"\"\n\"7\"\n")
    }
  }
}
