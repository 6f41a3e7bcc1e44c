import Glibc
import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// Programs that answer line by line: what they are given, and what becomes of their answers.
@Suite struct LinePartTests {
  @Test func linesTravelAsTheyAre() throws {
    let made = try Made(Chain([.script("exec cat")]), batch(["one", "two  ", "three\\n"]))
    #expect(made.text == "one\ntwo  \nthree\\n\n")
    #expect(made.batch.format == .line && made.batch.recordCount == 3)
    #expect(made.letters == [] && made.filtered == 0)
  }

  @Test func anEmptyAnswerDropsTheRecord() throws {
    let made = try Made(Chain([.awk("print /o/ ? toupper($0) : \"\"")]), batch(["one", "three", "two"]))
    #expect(made.text == "ONE\nTWO\n")
    #expect(made.filtered == 1)
    #expect(try made.batch.records().map(\.line) == [1, 3])
  }

  @Test func jsonTravelsAsJSON() throws {
    let made = try Made(
      Chain([.awk("gsub(/1/, \"2\"); print")]), batch(["{\"a\":1}", " {\"a\": 1} "], .json))
    #expect(made.text == "{\"a\":2}\n {\"a\": 2} \n")
    #expect(made.batch.format == .json)
  }

  @Test func rowsBecomeObjects() throws {
    let schema = try CSVSchema(columns: ["a", "b"])
    let made = try Made(Chain([.script("exec cat")]), batch(["1,x", "2,\"y\"\"z\""], .csv, schema: schema))
    #expect(made.text == "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\\\"z\"}\n")
    #expect(made.batch.format == .json)
  }

  @Test func rowsAndObjectsMayTravelAsRows() throws {
    let schema = try CSVSchema(columns: ["a", "b"], delimiter: UInt8(ascii: ";"))
    let rows = try Made(
      Chain([.script("exec cat", input: .csv)]),
      batch(["1;x", "2;\"y,z\"", "3;\"u\nv\""], .csv, schema: schema))
    #expect(rows.text == "1,x\n2,\"y,z\"\n")
    #expect(rows.batch.format == .line)
    #expect(
      rows.reasons == ["3: the record holds a line feed, so it is no single line for sh; use 'input: json'"])
    let objects = try Made(
      Chain([.script("exec cat", input: .csv, columns: ["b", "a"])]),
      batch(["{\"a\":1}", "{\"c\":1}"], .json))
    #expect(objects.text == ",1\n")
    #expect(
      objects.reasons == [
        "2: column 'c': is not among the columns (b, a); add it to them, or drop the field before"
      ])
    #expect(
      failure { _ = try Made(Chain([.script("exec cat", input: .csv)]), batch(["{}"], .json)) }?
        .contains("add 'columns: [...]'") == true)
  }

  @Test func textIsTakenOutOfJSONAndPutIntoIt() throws {
    let out = try Made(
      Chain([.script("exec cat", input: .lines)]), batch(["\"a\\u0062\"", "7", "\"x\\ny\""], .json))
    #expect(out.text == "ab\n7\n")
    #expect(out.letters.map(\.line) == [3] && out.letters.map(\.step) == [1])
    let into = try Made(Chain([.script("exec cat", input: .json)]), batch(["a\"b"]))
    #expect(into.text == "\"a\\\"b\"\n" && into.batch.format == .json)
  }

  @Test func anAnswerThatIsNoRecordIsRefusedAlone() throws {
    let made = try Made(
      Chain([.awk("print $0 == 2 ? \"{\" : $0")]), batch(["1", "2", "3"], .json))
    #expect(made.text == "1\n3\n")
    #expect(made.reasons.count == 1 && made.reasons[0].contains("it is no JSON"), "\(made.reasons)")
    let bytes = try Made(
      Chain([.awk("if ($0 == 2) printf \"\\377\\n\"; else print")]), batch(["1", "2", "3"]))
    #expect(bytes.text == "1\n3\n")
    #expect(bytes.reasons.count == 1 && bytes.reasons[0].contains("byte 0 is not UTF-8"), "\(bytes.reasons)")
  }

  /// Far more than both pipes hold, in both directions, and a program that is much chattier on the side.
  @Test func fullPipesDoNotBlock() throws {
    let lines = (0..<20_000).map { "\($0) " + String(repeating: "x", count: 200) }
    let made = try Made(Chain([.script("exec cat")]), batch(lines))
    #expect(made.text == lines.map { $0 + "\n" }.joined())
    let long = [String(repeating: "y", count: 3 << 20), "z"]
    #expect(
      try Made(Chain([.script("exec cat", window: 1)]), batch(long)).text == long.map { $0 + "\n" }.joined())
    let noisy = try Made(
      Chain([.script("head -c 3000000 /dev/zero | tr '\\0' 'e' >&2; exec cat")]), batch(["a"]))
    #expect(noisy.text == "a\n")
  }

  /// One life for many batches.
  @Test func theProgramStaysFromBatchToBatch() throws {
    let chain = try Chain([.awk("print NR \" \" $0")])
    #expect(try chain(batch(["a", "b"])).text == "1 a\n2 b\n")
    #expect(try chain(batch([])).text == "")
    #expect(try chain(batch(["c"])).text == "3 c\n")
  }

  @Test func itsEnvironmentAndFolderAreThoseThatWereAskedFor() throws {
    let folder = TemporaryFolder()
    let plan = StepPlan.script(
      "while read -r line; do echo \"$PWD $GREETING $HOME\"; done",
      environment: [
        .init(name: "GREETING", value: "hello"), .init(name: "HOME", value: "a"),
        .init(name: "HOME", value: "/nowhere"),
      ],
      folder: folder.path)
    #expect(try Chain([plan])(batch(["x"])).text == "\(folder.path) hello /nowhere\n")
  }

  /// A worker ignores SIGPIPE, its programs must not.
  @Test func signalsHaveTheirDefaults() throws {
    let made = try Made(
      Chain([.script("while read -r line; do (yes; echo $? >&2) 2>&3 | head -n 1; done 3>&2")]), batch(["x"]))
    #expect(made.text == "y\n")
    let ignored = try Made(
      Chain([.script("while read -r line; do grep SigIgn /proc/self/status; done")]), batch(["x"]))
    // glibc keeps two signals above these for itself.
    let mask = UInt64(ignored.text.dropFirst(8).dropLast(), radix: 16)
    #expect(mask.map { $0 & 0x7FFF_FFFF } == 0, "\(ignored.text)")
  }

  @Test func betweenOtherStepsItIsOneOfThem() throws {
    let chain = try Chain([
      .filter(".a != 2"), .awk("print $0 ~ /3/ ? \"\" : $0"), .map("{ b: .a }, { c: .a }"),
      .filter(".b != 1"),
    ])
    let made = try Made(chain, batch((1...5).map { "{\"a\":\($0)}" }, .json))
    #expect(made.text == "{\"c\":1}\n{\"b\":4}\n{\"c\":4}\n{\"b\":5}\n{\"c\":5}\n")
    #expect(made.filtered == 2)
    #expect(try made.batch.records().map(\.line) == [1, 4, 4, 5, 5])
  }

  @Test func aLetterBehindOtherStepsHoldsWhatTheStageTook() throws {
    let chain = try Chain([.map("{ b: .a }"), .awk("print $0 ~ /2/ ? \"no\" : $0")])
    let made = try Made(chain, batch((1...3).map { "{\"a\":\($0)}" }, .json))
    #expect(made.text == "{\"b\":1}\n{\"b\":3}\n")
    #expect(made.letters.map(\.step) == [2] && made.letters.map(\.record) == [1])
    #expect(made.letters.map { String(decoding: $0.bytes, as: UTF8.self) } == ["{\"a\":2}"])
  }

  @Test func aProgramThatIsGoneIsNamed() throws {
    let plan = ExecPlan(
      command: ["./none"], per: .line, deadline: nil, program: "/tmp/none-\(getpid())", folder: "/tmp",
      position: .test)
    let said = failure { _ = try Chain([.exec(plan)])(batch(["x"])) }
    #expect(
      said?.hasPrefix("p.yaml:3:5: error: the program './none': Unable to start '/tmp/none") == true,
      "\(said ?? "")")
  }
}
