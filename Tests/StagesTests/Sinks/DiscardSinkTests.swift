import PipelineFile
import Stages
import TestSupport
import Testing

struct DiscardSinkTests {
  private let folder = TemporaryFolder()

  @Test func `what is discarded is counted, over restarts too`() throws {
    let plan = SinkPlan(target: .discard, format: .jsonLines, position: .test)
    func make(_ state: [UInt8]?) throws -> any StageSink {
      try makeSink(
        plan, name: "p/write.0", slot: 0, of: 1, names: folder.names, state: state,
        folder: "", ownerFile: folder.file("owned"), standardOutput: 1, intent: 0, noteIntent: { _ in })
    }
    let batches = try folder.batches("1\n2\n3\n", .jsonLines)
    let first = try make(nil)
    _ = try first.writeKeeping(batches, condemned: [1])
    let state = try first.commit()
    try first.write(batches)
    let second = try make(state)
    try second.write(batches)
    let summary = second.summary
    #expect(summary == SinkSummary(target: "nowhere", records: 5, bytes: 12, isDurable: false))
    #expect(!second.keepsPosition)
  }
}
