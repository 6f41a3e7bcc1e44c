import Testing

extension EndToEnd {
  /// Inputs that are odd or broken, in each format; every error has its file and line.
  @Suite struct BadInputTests {
    static let csv = [
      BadInput("empty", "in.csv", "", .fails("in.csv:1: error: the file is empty")),
      BadInput("a header alone", "in.csv", "a,b\n", .writes("")),
      BadInput("no newline at the end", "in.csv", "a,b\n1,2", .writes("{\"a\":1,\"b\":2}\n")),
      BadInput(
        "CRLF", "in.csv", "a,b\r\n1,2\r\n3,\"4\"\r\n", .writes("{\"a\":1,\"b\":2}\n{\"a\":3,\"b\":\"4\"}\n")),
      BadInput("BOM", "in.csv", "\u{FEFF}a,b\n1,2\n", .writes("{\"a\":1,\"b\":2}\n")),
      BadInput("NUL", "in.csv", "a,b\n1,2\n3,\0\n", .fails("in.csv:3: error: a NUL byte")),
      BadInput(
        "invalid UTF-8", "in.csv", Array("a,b\n1,2\nx".utf8) + [0xFF, 0x0A],
        .fails("in.csv:3:2: error: byte 0xff is not UTF-8")),
      BadInput(
        "a short row", "in.csv", "a,b\n1,2\n3\n", .fails("in.csv:3: error: 1 cells where the columns are 2")),
      BadInput(
        "a long row", "in.csv", "a,b\n\"x\ny\",2\n3,4,5\n",
        .fails("in.csv:4: error: 3 cells where the columns are 2")),
      BadInput(
        "a short row, padded", "in.csv", "a,b\n1\n2,3,\n", options: ", csv: { ragged: pad }",
        .writes("{\"a\":1,\"b\":null}\n{\"a\":2,\"b\":3}\n")),
      BadInput(
        "a long row, padded", "in.csv", "a,b\n1\n2,3,4\n", options: ", csv: { ragged: pad }",
        .fails("in.csv:3: error: 3 cells where the columns are 2")),
      BadInput(
        "doubled headers", "in.csv", "a,b,a\n1,2,3\n",
        .fails("in.csv:1: error: columns 1 and 3 are both named 'a'")),
      BadInput(
        "an open quote", "in.csv", "a,b\n1,2\n\"x\ny\n",
        .fails("in.csv:3: error: a quoted cell opens on this")),
      BadInput(
        "text after a quote", "in.csv", "a,b\n\"x\"y,1\n",
        .fails("in.csv:2: error: 'y' after a closing quote")),
      BadInput(
        "no number", "in.csv", "a,b\n1,2\n1,x\n", options: ", csv: { types: { b: number } }",
        .fails("in.csv:3: error: column 'b': 'x' is not a number")),
      BadInput(
        "a type for no column", "in.csv", "a,b\n", options: ", csv: { types: { c: text } }",
        .fails("in.csv:1: error: 'types' names column 'c'")),
    ]

    static let jsonLines = [
      BadInput("empty", "in.jsonl", "", .writes("")),
      BadInput("no newline at the end", "in.jsonl", "{\"a\":1}\n\n[2]\n3", .writes("{\"a\":1}\n[2]\n3\n")),
      BadInput("CRLF", "in.jsonl", "{\"a\":1}\r\n{\"a\":2}\r\n", .writes("{\"a\":1}\n{\"a\":2}\n")),
      BadInput("BOM", "in.jsonl", "\u{FEFF}{\"a\":1}\n", .writes("{\"a\":1}\n")),
      BadInput("NUL", "in.jsonl", "{\"a\":1}\n\"\0\"\n", .fails("in.jsonl:2: error: a NUL byte")),
      BadInput(
        "invalid UTF-8", "in.jsonl", Array("1\n2\n\"".utf8) + [0xFF, 0x22, 0x0A],
        .fails("in.jsonl:3:2: error: byte 0xff is not UTF-8")),
      BadInput(
        "a bad line", "in.jsonl", "1\n\n{\"a\":}\n",
        .fails("in.jsonl:3:6: error: expected a value, found '}'")),
      BadInput(
        "two texts on a line", "in.jsonl", "1\n{} {}\n", .fails("in.jsonl:2:4: error: expected the end")),
    ]

    static let lines = [
      BadInput("empty", "in.txt", "", .writes("")),
      BadInput("no newline at the end", "in.txt", "a\n\nb", .writes("a\n\nb\n")),
      BadInput("CRLF", "in.txt", "a\r\nb\r\n", .writes("a\nb\n")),
      BadInput("BOM", "in.txt", "\u{FEFF}a\n", .writes("a\n")),
      BadInput("NUL", "in.txt", "a\nb\0\n", .fails("in.txt:2: error: a NUL byte")),
      BadInput(
        "invalid UTF-8", "in.txt", Array("a\nbc".utf8) + [0xFF, 0x0A],
        .fails("in.txt:2:3: error: byte 0xff is not UTF-8")),
    ]

    @Test(arguments: csv + jsonLines + lines) func isTold(input: BadInput) throws { try input.check() }

    /// A line that is many batches long comes out whole.
    @Test(arguments: ["csv", "jsonl", "txt"])
    func aLineOf50MegabytesComesOutWhole(format: String) throws {
      let workspace = Workspace()
      let text = [UInt8](repeating: UInt8(ascii: "x"), count: 50 << 20)
      let quote = format == "jsonl" ? [UInt8(ascii: "\"")] : []
      let line = quote + text + quote + [0x0A]
      workspace.write("in.\(format)", (format == "csv" ? Array("a\n".utf8) : []) + line)
      let output = format == "txt" ? "out.txt" : "out.jsonl"
      let result = try workspace.run(
        pipeline: """
          stages:
            read: { source: { file: in.\(format) } }
            write: { sink: { file: \(output) } }
          """)
      #expect(result.status == 0, "\(result.errors)")
      let record =
        format == "csv" ? Array("{\"a\":\"".utf8) + text + Array("\"}\n".utf8) : line
      expectSameBytes(workspace.read(output), record)
    }
  }
}
