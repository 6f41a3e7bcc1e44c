import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// A process for each batch.
@Suite struct BatchPartTests {
  @Test func allOfABatchMakesAnyNumberOfLines() throws {
    let chain = try Chain([.script("sort | uniq -c | sed 's/^ *//'", per: .batch)])
    let made = try Made(chain, batch(["b", "a", "b"]))
    #expect(made.text == "1 a\n2 b\n")
    #expect(made.batch.format == .line && made.batch.recordCount == 2 && made.filtered == 0)
    #expect(try made.batch.records().map(\.line) == [1, 1])
    #expect(try chain(batch(["c"])).text == "1 c\n")
    #expect(try chain(batch([])).text == "")
  }

  @Test func aLastLineNeedsNoNewlineAndNothingIsFiltered() throws {
    #expect(try Chain([.script("cat >/dev/null; printf x", per: .batch)])(batch(["a"])).text == "x\n")
    let none = try Made(Chain([.script("cat >/dev/null", per: .batch)]), batch(["a", "b"]))
    #expect(none.text == "" && none.filtered == 2)
  }

  /// `head` reads what it needs; its exit status says that it is done.
  @Test func aProgramNeedNotReadAll() throws {
    let lines = (0..<50_000).map { "\($0) " + String(repeating: "x", count: 40) }
    #expect(try Chain([.script("head -n 1", per: .batch)])(batch(lines)).text == lines[0] + "\n")
    #expect(try Chain([.script("cat", per: .batch)])(batch(lines)).text == lines.map { $0 + "\n" }.joined())
  }

  @Test func rowsHaveTheirHeader() throws {
    let schema = try CSVSchema(columns: ["a", "b"])
    let chain = try Chain([.script("cat", per: .batch, input: .csv)])
    #expect(try chain(batch(["1,x", "2,\"y\nz\""], .csv, schema: schema)).text == "a,b\n1,x\n2,\"y\nz\"\n")
  }

  @Test func aFailureIsTriedAgain() throws {
    let folder = TemporaryFolder()
    let script = "if test -e mark; then cat; else touch mark; exit 1; fi"
    let made = try Made(Chain([.script(script, per: .batch, folder: folder.path)]), batch(["a", "b"]))
    #expect(made.text == "a\nb\n" && made.letters == [])
  }

  @Test func theRecordThatFailsIsRefusedAlone() throws {
    let script = "awk '/bad/ { print \"cannot\" > \"/dev/stderr\"; exit 4 } { print NR \" \" $0 }'"
    let made = try Made(Chain([.script(script, per: .batch)]), batch(["a", "bad", "c"]))
    #expect(made.text == "1 a\n1 c\n")
    #expect(try made.batch.records().map(\.line) == [1, 3])
    #expect(made.letters.map(\.line) == [2] && made.letters.map(\.step) == [1])
    #expect(
      made.reasons[0].hasSuffix("failed (exit 4), 3 times; it said last: 'cannot', 'cannot'")
        || made.reasons[0].hasSuffix("failed (exit 4), 3 times; it said last: 'cannot'"), "\(made.reasons)")
  }

  @Test func linesThatAreNoRecordsAreAFailure() throws {
    let made = try Made(
      Chain([.script("sed 's/2/{/'", per: .batch)]), batch(["1", "2", "3"], .json))
    #expect(made.text == "1\n3\n")
    #expect(made.letters.map(\.line) == [2])
    #expect(made.reasons[0].contains("line 1 of what the program"), "\(made.reasons)")
  }

  @Test func aHangIsEnded() throws {
    let chain = try Chain([
      .script("read -r x; test $x = 2 && sleep 1000; echo $x; cat", per: .batch, deadline: 100_000_000)
    ])
    let made = try Made(chain, batch(["2", "1"]))
    #expect(made.text == "1\n")
    #expect(made.reasons[0].contains("neither read nor wrote anything for 100ms"), "\(made.reasons)")
  }

  @Test func aProgramThatAlwaysFailsEndsTheRun() throws {
    let chain = try Chain([.script("echo broken >&2; exit 9", per: .batch)])
    let said = failure { _ = try Made(chain, batch((1...9).map { "\($0)" })) }
    #expect(
      said?.contains("failed (exit 9)") == true && said?.contains("11 times in a row") == true,
      "\(said ?? "")")
  }

  @Test func behindOtherStepsTheBooksBalance() throws {
    let chain = try Chain([.filter(". != \"b\""), .script("sort -r", per: .batch)])
    let made = try Made(chain, batch(["a", "b", "c"]))
    #expect(made.text == "c\na\n")
    #expect(made.filtered == 1)
  }
}
