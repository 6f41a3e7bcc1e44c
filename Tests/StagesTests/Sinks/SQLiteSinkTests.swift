import PipelineFile
import SQLite
import Stages
import TestSupport
import Testing

struct SQLiteSinkTests {
  private let folder = TemporaryFolder()

  private func sink(_ target: SQLiteTarget) throws -> any StageSink {
    try folder.start(target)
    return try folder.open(target)
  }

  @Test func `a table is made for the first record's fields and their types`() throws {
    let sink = try sink(folder.target())
    try sink.write(
      folder.batches(
        "{\"i\":1,\"r\":1.5,\"t\":\"x\",\"b\":true,\"n\":null,\"o\":{ \"a\": [1, 2] },\"big\":99999999999999999999}\n"
          + "{\"t\":\"q\\\"\\u00e9\",\"b\":false,\"n\":\"7\",\"i\":2.5,\"o\":[ ]}\n", .jsonLines))
    #expect(try sink.commit(position: [1, 2]) == [])
    #expect(
      try folder.rows("SELECT sql FROM sqlite_schema WHERE name = 't'") == [
        "'CREATE TABLE \"t\" (\"i\" INTEGER, \"r\" REAL, \"t\" TEXT, \"b\" INTEGER, \"n\", \"o\" TEXT, \"big\" REAL)'"
      ])
    #expect(
      try folder.rows() == [
        "1 1.5 'x' 1 NULL '{\"a\":[1,2]}' 1.0e+20", "2.5 NULL 'q\"é' 0 '7' '[]' NULL",
      ])
    #expect(sink.summary.target == "out.db (t)" && sink.summary.records == 2 && sink.summary.isDurable)
  }

  @Test func `declared columns are kept to, and exist without any record`() throws {
    let columns = [
      SQLiteTarget.Column(name: "i", type: .integer), SQLiteTarget.Column(name: "t", type: .text),
      SQLiteTarget.Column(name: "r", type: .real), SQLiteTarget.Column(name: "any one", type: .any),
    ]
    let sink = try sink(folder.target(columns: columns))
    #expect(try folder.rows() == [])
    let letters = try sink.writeKeeping(
      folder.batches(
        "{\"i\":1,\"t\":1.10,\"r\":2,\"any one\":\"007\"}\n{\"i\":\"x\"}\n{\"i\":2.0}\n", .jsonLines))
    _ = try sink.commit()
    #expect(try folder.rows() == ["1 '1.10' 2.0 '007'", "2 NULL NULL NULL"])
    #expect(letters.map(\.record) == [1] && letters.map(\.line) == [2])
    #expect(
      letters.first?.cause
        == .error(
          "the table does not take it: cannot store TEXT value in INTEGER column t.i "
            + "(SQLITE_CONSTRAINT_DATATYPE)"))
  }

  @Test func `csv rows keep their types, and their lines in refusals`() throws {
    let sink = try sink(folder.target())
    let batches = try folder.batches("a,b\n1,\"x\ny\"\n2\n3,true\n", .csv(CSVOptions()))
    let letters = try sink.writeKeeping(batches)
    _ = try sink.commit()
    #expect(try folder.rows() == ["1 'x\ny'", "3 '1'"])
    #expect(letters.map(\.record) == [1] && letters.map(\.line) == [4])
    #expect(letters.map { String(decoding: $0.bytes, as: UTF8.self) } == ["2"])
    #expect(
      letters.first?.cause
        == .error("1 cells where the columns are 2; add the missing cells, or set ragged: pad"))
  }

  @Test func `a later record with the same key replaces the earlier one`() throws {
    let target = folder.target(key: ["a", "b"])
    let sink = try sink(target)
    try sink.write(
      folder.batches(
        "{\"a\":1,\"b\":\"x\",\"c\":1,\"d\":1}\n{\"a\":2,\"b\":\"x\",\"c\":2,\"d\":2}\n{\"b\":\"x\",\"a\":1,\"c\":3}\n",
        .jsonLines))
    _ = try sink.commit()
    try sink.write(folder.batches("{\"a\":2,\"b\":\"x\",\"c\":4,\"d\":4}\n", .jsonLines, name: "in2"))
    _ = try sink.commit()
    #expect(try folder.rows() == ["1 'x' 3 NULL", "2 'x' 4 4"])
    let letters = try sink.writeKeeping(
      folder.batches("{\"a\":1,\"c\":9}\n{\"a\":null,\"b\":\"x\"}\n", .jsonLines, name: "in3"))
    let text = "is the table's key and has no value; give it one"
    #expect(letters.map(\.cause) == [.error("column 'b' \(text)"), .error("column 'a' \(text)")])
  }

  @Test func `a table of keys alone takes each key once`() throws {
    let sink = try sink(folder.target(key: ["a"]))
    try sink.write(folder.batches("{\"a\":1}\n{\"a\":2}\n{\"a\":1}\n", .jsonLines))
    _ = try sink.commit()
    #expect(try folder.rows() == ["1", "2"])
  }

  @Test func `each record that can't be a row is refused alone`() throws {
    let sink = try sink(folder.target())
    let text =
      "{}\n{\"a\":1,\"A\":2}\n\n{\"a\":1}\n[1]\n{\"a\":2,\"x\\u0079\":3}\n{\"a\":3,\"a\":4}\n"
    let letters = try sink.writeKeeping(folder.batches(text, .jsonLines))
    _ = try sink.commit()
    #expect(try folder.rows() == ["1", "4"])
    #expect(letters.map(\.record) == [0, 1, 3, 4] && letters.map(\.line) == [1, 2, 5, 6])
    let causes = letters.map { letter in if case .error(let text) = letter.cause { text } else { "" } }
    #expect(causes[0] == "an object without fields makes no table; declare 'columns'")
    #expect(
      causes[1] == "no table can be made for its fields: duplicate column name: A (SQLITE_ERROR)")
    #expect(causes[2] == "expected a JSON object, found an array")
    #expect(
      causes[3]
        == "column 'xy': is not among the columns (a); add it to them, or drop the field before")
    #expect(letters.allSatisfy { $0.worker == "write.0" })
  }

  @Test func `a refused record ends the run where the plan says so, with its place`() throws {
    let sink = try sink(folder.target())
    #expect(
      failureText { try sink.write(folder.batches("{\"a\":1}\n\n{\"b\":1}\n", .jsonLines)) }
        == "standard input:3: error: column 'b': is not among the columns (a); "
        + "add it to them, or drop the field before")
    let other = try self.sink(folder.target(table: "u"))
    #expect(
      failureText { try other.write(folder.batches("x\n", .lines)) }
        == "standard input:1: error: a line of text has no columns; "
        + "make objects of lines with a map step before a sqlite sink")
  }

  @Test func `a violated constraint costs one record, and a trigger that undoes everything ends the run`()
    throws
  {
    do {
      let database = try Database(folder.file("out.db"))
      try database.execute(
        """
        CREATE TABLE t (a UNIQUE);
        CREATE TRIGGER no BEFORE INSERT ON t WHEN new.a = 13 BEGIN SELECT RAISE(ROLLBACK, 'unlucky'); END
        """)
    }
    let target = folder.target(existing: .append)
    let sink = try sink(target)
    let letters = try sink.writeKeeping(folder.batches("{\"a\":1}\n{\"a\":1}\n{\"a\":2}\n", .jsonLines))
    _ = try sink.commit()
    #expect(try folder.rows() == ["1", "2"])
    #expect(letters.map(\.record) == [1])
    let batches = try folder.batches("{\"a\":3}\n{\"a\":13}\n", .jsonLines, name: "in2")
    #expect(
      failureText { _ = try sink.writeKeeping(batches) }
        == "standard input:2: error: the table does not take it: unlucky (SQLITE_CONSTRAINT_TRIGGER); "
        + "it undid all rows since the last commit")
    #expect(try folder.rows() == ["1", "2"])
  }

  @Test func `condemned records are passed over`() throws {
    let sink = try sink(folder.target())
    let json = try folder.batches("{\"a\":0}\n{\"a\":1}\n{\"a\":2}\n", .jsonLines)
    #expect(try sink.writeKeeping(json, condemned: [0, 2]) == [])
    let csv = try folder.batches("a\n10\n11,12\n", .csv(CSVOptions()), name: "in2")
    #expect(try sink.writeKeeping(csv, condemned: [1]) == [])
    _ = try sink.commit()
    #expect(try folder.rows() == ["1", "10"])
  }

  @Test func `a place is stored with the rows, and found by the next incarnation`() throws {
    let target = folder.target()
    var first: (any StageSink)? = try sink(target)
    #expect(first!.storedPosition == nil && first!.keepsPosition)
    try first!.write(folder.batches("{\"a\":1}\n", .jsonLines))
    _ = try first!.commit(position: [7, 7])
    try first!.write(folder.batches("{\"a\":2}\n", .jsonLines, name: "in2"))
    first = nil
    let second = try folder.open(target)
    #expect(second.storedPosition == [7, 7] && second.summary.records == 1)
    // A place may move without a row.
    _ = try second.commit(position: [8])
    try second.finish()
    #expect(try folder.open(target).storedPosition == [8])
    #expect(try folder.rows() == ["1"])
  }
}
