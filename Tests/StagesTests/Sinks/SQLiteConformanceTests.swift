import PipelineFile
import Stages
import TestSupport
import Testing

/// What the conformance suite asks of files, asked of tables: the input's rows, whatever dies between commits.
struct SQLiteConformanceTests {
  private let folder = TemporaryFolder()

  /// The inputs whose records are rows: objects, and rows of CSV.
  private static let inputs = SinkCase.all.filter {
    ["jsonl of csv", "csv of jsonl"].contains($0.testDescription)
  }
  private static let keys = [[], ["a"]]

  private func expected(_ input: SinkCase, _ key: [String]) -> [String] {
    if input.testDescription == "jsonl of csv" { return ["1 'x\ny'", "2 NULL", "3 'q\"'", "'' '1'"] }
    return ["1", "'x'", "2"] + (key.isEmpty ? ["NULL"] : [])
  }

  @Test(arguments: inputs, keys)
  func `a run without a death writes what is expected`(_ input: SinkCase, _ key: [String]) throws {
    let target = folder.target(key: key)
    try folder.start(target)
    let sink = try folder.open(target)
    _ = try sink.writeKeeping(folder.batches(of: input))
    _ = try sink.commit(position: [1])
    try sink.finish()
    #expect(try folder.rows() == expected(input, key))
    #expect(sink.summary.records == expected(input, key).count)
  }

  /// Commits after `committed` batches, writes `lost` more, dies, and goes on from the stored place.
  @Test(arguments: inputs, keys)
  func `a death anywhere between two commits changes nothing`(_ input: SinkCase, _ key: [String]) throws {
    let batches = try folder.batches(of: input)
    let target = folder.target(key: key)
    for committed in 0...batches.count {
      for lost in 0...batches.count - committed {
        try folder.start(target)
        var first: (any StageSink)? = try folder.open(target)
        _ = try first!.writeKeeping(Array(batches[..<committed]))
        _ = try first!.commit(position: [UInt8(committed)])
        _ = try first!.writeKeeping(Array(batches[committed..<committed + lost]))
        first = nil
        let second = try folder.open(target)
        let stored = try #require(second.storedPosition)
        #expect(stored == [UInt8(committed)])
        _ = try second.writeKeeping(Array(batches[Int(stored[0])...]))
        _ = try second.commit(position: [UInt8(batches.count)])
        try second.finish()
        #expect(try folder.rows() == expected(input, key), "committed \(committed), lost \(lost)")
        #expect(second.summary.records == expected(input, key).count)
      }
    }
  }

  @Test func `many rows are the same in any grouping`() throws {
    let text = (0..<500).map { "{\"id\":\($0),\"name\":\"n\\n\($0)\",\"share\":\($0).5}\n" }.joined()
    let batches = try folder.batches(text, .jsonLines)
    let target = folder.target()
    try folder.start(target)
    let sink = try folder.open(target)
    for index in 0..<200 {
      try sink.write(batches)
      if index % 17 == 0 { _ = try sink.commit(position: [UInt8(index)]) }
    }
    _ = try sink.commit(position: [200])
    let sums = try folder.rows(
      "SELECT count(*), count(DISTINCT id), sum(id), sum(share), count(DISTINCT name) FROM t")
    #expect(sums == ["100000 500 24950000 25000000.0 500"])
    #expect(sink.summary.bytes == UInt64(200 * (text.utf8.count - 500)))
  }
}
