import PipelineFile
import Stages
import TestSupport
import Testing

/// What every file sink promises, whatever it writes.
struct SinkConformanceTests {
  private let folder = TemporaryFolder()

  @Test(arguments: SinkCase.all)
  func `a run without a death writes what is expected`(_ input: SinkCase) throws {
    let batches = try folder.batches(of: input)
    let sink = try folder.sink(input.output, state: nil)
    try sink.write(batches)
    _ = try sink.commit()
    try sink.finish()
    #expect(folder.text("out") == input.expected)
    let summary = sink.summary
    #expect(summary.target == "out" && summary.bytes == input.expected.utf8.count)
    #expect(summary.records == batches.reduce(0) { $0 + UInt64($1.recordCount) })
  }

  /// Commits after `committed` batches, writes `lost` more, dies with a part of them in the file, and goes on.
  @Test(arguments: SinkCase.all)
  func `a death anywhere between two commits changes nothing`(_ input: SinkCase) throws {
    let batches = try folder.batches(of: input)
    for committed in 0...batches.count {
      for lost in 0...batches.count - committed {
        folder.write("out", "")
        var first: (any StageSink)? = try folder.sink(input.output, state: nil)
        try first!.write(batches[..<committed])
        let state = try first!.commit()
        let position = folder.read("out")!.count
        try first!.write(batches[committed..<committed + lost])
        if lost > 1 { _ = try first!.commit() }
        first = nil
        folder.append("out", "a part of a write")
        let second = try folder.sink(input.output, state: state)
        #expect(folder.read("out")!.count == position)
        try second.write(batches[committed...])
        _ = try second.commit()
        try second.finish()
        #expect(folder.text("out") == input.expected, "committed \(committed), lost \(lost)")
        #expect(second.summary.bytes == input.expected.utf8.count)
      }
    }
  }

  @Test(arguments: SinkCase.all)
  func `large output is the same in any grouping`(_ input: SinkCase) throws {
    let batches = try folder.batches(of: input)
    let many = (0..<4_000).flatMap { _ in batches }
    let sink = try folder.sink(input.output, state: nil)
    for (index, batch) in many.enumerated() {
      try sink.write(CollectionOfOne(batch))
      if index % 97 == 0 { _ = try sink.commit() }
    }
    _ = try sink.commit()
    try sink.finish()
    var body = input.expected
    var header = ""
    if case .csv = input.output {
      let end = body.utf8.firstIndex(of: 0x0A)!
      header = String(body[...end])
      body = String(body[body.utf8.index(after: end)...])
    }
    // Not as texts in the expectation: their difference would take minutes to print.
    let isSame = folder.text("out") == header + String(repeating: body, count: 4_000)
    #expect(isSame)
  }
}
