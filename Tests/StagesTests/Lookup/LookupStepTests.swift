import PipelineFile
import Stages
import TestSupport
import Testing

struct LookupStepTests {
  private let folder = TemporaryFolder()
  private let csv = FileFormat.csv(CSVOptions())

  /// The same table in both formats.
  private func table(_ format: FileFormat) -> InputFile {
    if case .csv = format {
      folder.write("table", "k,v\n7,seven\n\"7\",text\nx,\n,nothing\ntrue,yes\n")
    } else {
      folder.write(
        "table",
        "{\"k\":7.0,\"v\":\"seven\"}\n\n{\"k\":\"7\",\"v\":\"text\"}\n{\"k\":\"x\",\"v\":null}\n{\"k\":null,\"v\":\"nothing\"}\n{\"v\":\"yes\",\"k\":true}\n"
      )
    }
    return folder.input("table")
  }

  private func join(
    _ records: String, _ format: FileFormat, missing: LookupPlan.Missing = .null, key: String = ".k"
  ) throws -> String {
    let step = StepPlan.lookup(table(format), format, key: key, tableKey: "k", missing: missing)
    let chain = try Chain([step, .map("[.k, .found.v]")])
    return try chain(folder.batches(records, .jsonLines))
  }

  @Test(arguments: [FileFormat.csv(CSVOptions()), .jsonLines])
  func `a key is a value, not a text`(_ format: FileFormat) throws {
    let records =
      "{\"k\":7}\n{\"k\":7.0}\n{\"k\":\"7\"}\n{\"k\":70e-1}\n{\"k\":\"x\"}\n{\"k\":true}\n{}\n{\"k\":8}\n{\"k\":[7]}\n"
    #expect(
      try join(records, format)
        == "[7,\"seven\"]\n[7,\"seven\"]\n[\"7\",\"text\"]\n[7,\"seven\"]\n[\"x\",null]\n[true,\"yes\"]\n"
        + "[null,\"nothing\"]\n[8,null]\n[[7],null]\n")
  }

  @Test(arguments: [FileFormat.csv(CSVOptions()), .jsonLines])
  func `what is missing becomes null, goes, or fails the run`(_ format: FileFormat) throws {
    let records = "{\"k\":8}\n{\"k\":7}\n"
    #expect(try join(records, format) == "[8,null]\n[7,\"seven\"]\n")
    #expect(try join(records, format, missing: .drop) == "[7,\"seven\"]\n")
    #expect(
      failure { _ = try join("{\"k\":7}\n" + records, format, missing: .fail) }
        == "standard input:2: error: table has no record whose k is 8; add it, or write 'missing: null' "
        + "or 'missing: drop' (stage clean, step 1, lookup)")
  }

  @Test func `the whole row is joined, in its order, and an earlier field gives way`() throws {
    let step = StepPlan.lookup(table(csv), csv, key: ".id", tableKey: "k")
    let text = try Chain([step])(folder.batches("{\"found\":1,\"id\":7}\n{\"id\":9}\n", .jsonLines))
    #expect(text == "{\"found\":{\"k\":7,\"v\":\"seven\"},\"id\":7}\n{\"id\":9,\"found\":null}\n")
  }

  @Test func `rows of csv are joined with the columns that later steps read`() throws {
    let step = StepPlan.lookup(table(csv), csv, key: ".id", tableKey: "k")
    let batches = try folder.batches("id,other,n\n7,o,1\nx,p,2\n", csv)
    #expect(
      try Chain([step, .map("{n, v: .found.v}")])(batches)
        == "{\"n\":1,\"v\":\"seven\"}\n{\"n\":2,\"v\":null}\n")
    #expect(
      try Chain([step])(batches)
        == "{\"id\":7,\"other\":\"o\",\"n\":1,\"found\":{\"k\":7,\"v\":\"seven\"}}\n"
        + "{\"id\":\"x\",\"other\":\"p\",\"n\":2,\"found\":{\"k\":\"x\",\"v\":null}}\n")
  }

  @Test func `a record that is no object, and a key without a value, are errors`() throws {
    #expect(
      failure { _ = try join("[1]\n", csv, key: "7") }
        == "standard input:1: error: a lookup adds a field, so each record must be an object (stage clean, step 1, lookup)"
    )
    #expect(
      failure { _ = try join("{}\n", csv, key: "empty") }
        == "standard input:1: error: the key has no value; give one, or null (stage clean, step 1, lookup)")
  }

  @Test func `a table of one column has a row for null too`() throws {
    folder.write("table", "k\na\n\nb\n")
    let step = StepPlan.lookup(folder.input("table"), csv, key: ".k", tableKey: "k", missing: .drop)
    let text = try Chain([step, .map(".found")])(
      folder.batches("{\"k\":\"b\"}\n{\"k\":null}\n{\"k\":1}\n", .jsonLines))
    #expect(text == "{\"k\":\"b\"}\n{\"k\":null}\n")
  }
}
