import Glibc
import POSIXKit
import PipelineFile
import Stages
import TestSupport
import Testing

struct StandardOutputSinkTests {
  private let folder = TemporaryFolder()

  /// The word of shared memory in which a sink notes how long its output is to be.
  private final class Intent {
    var value: UInt64 = 0
  }

  private func sink(_ output: borrowing Descriptor, _ state: [UInt8], _ intent: Intent) throws
    -> any StageSink
  {
    try makeSink(
      SinkPlan(target: .standardOutput, format: .jsonLines, position: .test), name: "p/write.0",
      slot: 0, of: 1,
      names: folder.names, state: state, folder: "", ownerFile: folder.file("owned"),
      standardOutput: output.raw,
      intent: intent.value, noteIntent: { intent.value = $0 })
  }

  private func prepare(_ output: borrowing Descriptor) throws -> [UInt8] {
    let plan = SinkPlan(target: .standardOutput, format: .jsonLines, position: .test)
    return try prepareOutput(
      plan, slot: 0, of: 1, standardOutput: output.raw, ownerFile: folder.file("owned")
    ).encoded()
  }

  @Test func `a file takes an uncommitted tail back, behind what was there`() throws {
    let output = try Descriptor.open(folder.file("out"), O_RDWR | O_CREAT)
    try output.writeAll(Array("before\n".utf8))
    let batches = try folder.batches("{}\n", .jsonLines)
    let intent = Intent()
    let first = try sink(output, prepare(output), intent)
    try first.write(batches)
    let state = try first.commit()
    #expect(intent.value == 10)
    try first.write(batches)
    _ = try first.commit()
    #expect(folder.text("out") == "before\n{}\n{}\n")
    let second = try sink(output, state, intent)
    #expect(folder.text("out") == "before\n{}\n")
    try second.write(folder.batches("[1]\n", .jsonLines))
    _ = try second.commit()
    try second.finish()
    #expect(folder.text("out") == "before\n{}\n[1]\n")
    #expect(second.summary.records == 2 && second.summary.bytes == 7)
  }

  @Test func `a pipe keeps what it took, so a death in a write ends the run`() throws {
    var pipe = try Pipe()
    let reader = pipe.takeReadEnd()
    let output = pipe.takeWriteEnd()
    let intent = Intent()
    let first = try sink(output, prepare(output), intent)
    try first.write(folder.batches("{}\n", .jsonLines))
    let state = try first.commit()
    // Between a commit and the next write nothing is in doubt.
    _ = try sink(output, state, intent)
    intent.value = 6
    #expect(
      throws: StageFailure(
        "standard output: error: its writer died in the middle of a write, and what a pipe took can't be "
          + "known; write to a file to survive that")
    ) { _ = try sink(output, state, intent) }
    var bytes = [UInt8](repeating: 0, count: 9)
    #expect(try bytes.withUnsafeMutableBytes { try reader.read(into: $0) } == .bytes(3))
  }

  @Test func `the intent is noted before the write`() throws {
    var pipe = try Pipe()
    let output = pipe.takeWriteEnd()
    let intent = Intent()
    let sink = try sink(output, prepare(output), intent)
    try sink.write(folder.batches("{}\n", .jsonLines))
    #expect(intent.value == 0)
    _ = try sink.commit()
    #expect(intent.value == 3)
  }
}
