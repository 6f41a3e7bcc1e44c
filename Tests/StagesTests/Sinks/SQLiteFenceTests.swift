import PipelineFile
import SQLite
import Stages
import TestSupport
import Testing

/// What happens when two incarnations, or two runs, write one table.
struct SQLiteFenceTests {
  private let folder = TemporaryFolder()
  private let fenced =
    "out.db: error: another incarnation of this sink has taken it over; this one writes nothing more"

  private func batch(_ value: Int) throws -> [OwnedBatch] {
    try folder.batches("{\"a\":\(value)}\n", .jsonLines, name: "in\(value)")
  }

  @Test func `an earlier incarnation writes nothing once there is a later one`() throws {
    let target = folder.target()
    try folder.start(target)
    let first = try folder.open(target)
    try first.write(batch(1))
    _ = try first.commit(position: [1])
    let second = try folder.open(target)
    #expect(failureText { try first.write(batch(2)) } == fenced)
    #expect(failureText { _ = try first.commit(position: [2]) } == fenced)
    try second.write(batch(3))
    _ = try second.commit(position: [3])
    #expect(try folder.rows() == ["1", "3"])
    #expect(try folder.open(target).storedPosition == [3])
  }

  @Test func `a new run fences off the writers of the one before`() throws {
    let target = folder.target()
    try folder.start(target)
    let first = try folder.open(target)
    try first.write(batch(1))
    _ = try first.commit(position: [1])
    try folder.start(target)
    #expect(failureText { try first.write(batch(2)) } == fenced)
    let second = try folder.open(target)
    #expect(second.storedPosition == nil && second.summary.records == 0)
    try second.write(batch(4))
    _ = try second.commit(position: [4])
    #expect(try folder.rows() == ["4"])
  }

  @Test func `two slots and two tables share a database`() throws {
    let target = folder.target()
    let other = folder.target(table: "u")
    try folder.start(target, sink: "p/write.0")
    try folder.start(target, sink: "p/write.1")
    try folder.start(other, sink: "p/more.0")
    let sinks = try ["p/write.0", "p/write.1"].map { try folder.open(target, sink: $0) }
    let more = try folder.open(other, sink: "p/more.0")
    for (value, sink) in (sinks + [more]).enumerated() {
      try sink.write(batch(value))
      _ = try sink.commit(position: [UInt8(value)])
    }
    #expect(try folder.rows() == ["0", "1"])
    #expect(try folder.rows("SELECT * FROM u") == ["2"])
    #expect(try folder.open(target, sink: "p/write.1").storedPosition == [1])
    // The next run replaces what any slot of the stage has made.
    try folder.start(target, sink: "p/write.1")
    #expect(try folder.tableCount("t") == 0)
  }

  @Test func `a sink whose place or table is gone says so`() throws {
    let target = folder.target()
    #expect(
      failureText { _ = try folder.open(target) }?.hasPrefix(
        "out.db: error: it can't be written: unable to open")
        == true)
    try folder.start(target)
    #expect(
      failureText { _ = try folder.open(target, sink: "p/else.0") }
        == "out.db: error: it does not know how far p/else.0 has come; "
        + "leave databases as they are during a run, or start over with --fresh")
    let sink = try folder.open(target)
    try sink.write(batch(1))
    _ = try sink.commit(position: [1])
    try Database(folder.file("out.db")).execute("DROP TABLE t")
    #expect(
      failureText { _ = try folder.open(target) }
        == "out.db: error: table 't', to which 1 records were committed, is gone; "
        + "leave databases as they are during a run, or start over with --fresh")
  }
}
