import Glibc
import PipelineFile
import Stages
import TestSupport
import Testing

struct SourceErrorTests {
  private let folder = TemporaryFolder()

  private func failure(_ names: [String], _ format: FileFormat) -> String? {
    do {
      _ = try Cutting.all(makeSource(folder.plan(names, format), slot: 0, of: 1, folder: ""))
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func failure(_ text: String, _ format: FileFormat) -> String? {
    folder.write("in", text)
    return failure(["in"], format)
  }

  private func csv(_ change: (inout CSVOptions) -> Void = { _ in }) -> FileFormat {
    var options = CSVOptions()
    change(&options)
    return .csv(options)
  }

  @Test func `an empty file has no records, and a csv file without a header is an error`() throws {
    #expect(try folder.batches("", .lines).isEmpty)
    #expect(try folder.batches("", .jsonLines).isEmpty)
    #expect(try folder.batches("a,b", csv()).isEmpty)
    let text = "in:1: error: the file is empty; a CSV file begins with a row that names its columns"
    #expect(failure("", csv()) == text)
    #expect(failure("\n\r\n", csv()) == text)
    #expect(failure("\u{FEFF}", csv()) == text)
  }

  @Test(arguments: [FileFormat.lines, .jsonLines, .csv(CSVOptions())])
  func `a record of any length is one record`(_ format: FileFormat) throws {
    let long = "\"" + String(repeating: "ä", count: 3 << 19) + "\""
    var text = "1\n\(long)\n2\n"
    if case .csv = format { text = "a\n" + text }
    let found = try folder.batches(text, format).flatMap { try $0.records() }
    #expect(found.map(\.text) == ["1", long, "2"])
  }

  @Test func `headers have unique, non-empty names`() {
    #expect(
      failure("a,b,a\n1,2,3\n", csv())
        == "in:1: error: columns 1 and 3 are both named 'a'; rename one")
    #expect(
      failure("a,,c\n", csv()) == "in:1: error: column 2 has no name; name it in the header"
    )
  }

  @Test func `files have the header of the first, unless each has its own`() throws {
    folder.write("1", "a,b\n1,2\n")
    folder.write("2", "b,c\n3,4\n")
    folder.write("3", "b,a\n5,6\n")
    #expect(
      failure(["1", "2"], csv())
        == "2:1: error: the columns differ from those of 1: without a, with c; "
        + "make the headers alike, or write 'headers: each' to take each file by its own")
    #expect(failure(["1", "3"], csv())?.contains("of 1: the same names in another order; ") == true)
    let each = csv { $0.headers = .each }
    let cuts = try Cutting.all(makeSource(folder.plan(["1", "2", "3"], each), slot: 0, of: 1, folder: ""))
    #expect(cuts.map(\.batch.text) == ["1,2\n", "3,4\n", "5,6\n"])
    #expect(cuts[0].batch.schema != cuts[1].batch.schema)
  }

  @Test func `types name columns that are there`() {
    let typed = csv { $0.types = [.init(column: "x", type: .text)] }
    #expect(
      failure("a,b\n", typed)
        == "in:1: error: 'types' names column 'x', which the header does not have; it has a, b")
    let each = csv {
      $0.types = [.init(column: "x", type: .text)]
      $0.headers = .each
    }
    #expect(failure("a,b\n", each) == nil)
  }

  @Test func `what is no text in UTF-8 is an error at its byte`() {
    folder.write("bad", Array("ab\nc".utf8) + [0xFF, 0x0A])
    #expect(failure(["bad"], .lines) == "bad:2:2: error: byte 0xff is not UTF-8; convert the input to UTF-8")
    #expect(failure("a\nb\u{0}\n", .lines) == "in:2: error: a NUL byte; the input must be text in UTF-8")
    #expect(failure("a,b\n1,2\nx,\u{0}\n", csv())?.hasPrefix("in:3: error: a NUL byte") == true)
    #expect(failure("{}\n\n{\"a\":}\n", .jsonLines)?.hasPrefix("in:3:6: error: ") == true)
    #expect(
      failure("a,b\n1,2\n\"x,\n", csv())?.hasPrefix("in:3: error: a quoted cell opens on this line") == true)
  }

  @Test func `a file that shrank, went or was replaced is named`() throws {
    for damage in 0..<3 {
      folder.write("in", String(repeating: "line\n", count: 200_000))
      let plan = folder.plan(["in"], .lines)
      switch damage {
      case 0: truncate(folder.file("in"), 300_000)
      case 1: unlink(folder.file("in"))
      default:
        folder.write("other", String(repeating: "line\n", count: 200_000))
        rename(folder.file("other"), folder.file("in"))
      }
      do {
        _ = try Cutting.all(makeSource(plan, slot: 0, of: 1, folder: ""))
        Issue.record("read a changed file")
      } catch let error as StageFailure {
        let expected = [
          "in: error: it had 1000000 bytes when the run began and now ends at 300000; leave input files as they are during a run",
          "in: error: it was there when the run began and can't be opened: ",
          "in: error: it is not the file that was there when the run began; leave input files as they are during a run",
        ]
        #expect(error.description.hasPrefix(expected[damage]))
      }
    }
  }

  @Test func `what is added to a file during the run is not read`() throws {
    folder.write("in", "one\ntwo")
    let plan = folder.plan(["in"], .lines)
    folder.append("in", " more\nthree\n")
    #expect(try Cutting.all(makeSource(plan, slot: 0, of: 1, folder: "")).map(\.batch.text) == ["one\ntwo\n"])
  }
}
