import POSIXKit
import PipelineFile
import Records
import Stages

/// Runs a ``Source`` as a stage's source.
final class SourceAdapter: StageSource {
  private let use: UsePlan
  private let readSource: (UInt64, inout SourceOutput) throws -> SourceReading

  init(_ use: UsePlan, _ context: UserStageContext, _ source: some Source) throws(StageFailure) {
    self.use = use
    var source = source
    do { try source.start(WorkerInfo(context)) } catch { throw Trouble.failure(error, use, "can't start") }
    readSource = { try source.read(at: $0, into: &$1) }
  }

  var canRepeat: Bool { true }
  var totalBytes: UInt64? { nil }
  func bytes(before mark: InputMark) -> UInt64 { 0 }
  var schema: [UInt8] { [] }

  func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult {
    var output = SourceOutput(writer: RecordWriter(headroom: headroom, capacity: 64 << 10))
    let reading: SourceReading
    do { reading = try readSource(mark.offset, &output) } catch {
      throw Trouble.failure(error, use, "can't read at position \(mark.offset)")
    }
    let count = output.count
    switch reading {
    case .end where count == 0: return .end
    case .wait(let duration) where count == 0:
      return .wait(descriptor: nil, until: MonotonicClock.deadline(after: duration))
    case .end, .wait:
      throw StageFailure(
        "\(use.position): error: \(use.name) appended records at position \(mark.offset) and says that there "
          + "are none; return .batch(next:) with the position behind them")
    case .batch(let next):
      guard next != mark.offset else {
        throw StageFailure(
          "\(use.position): error: \(use.name) says that what follows position \(next) begins there again")
      }
      buffer = output.writer.takeBuffer()
      let end = InputMark(file: 0, offset: next, line: mark.line + UInt64(count))
      return .batch(
        CutBatch(
          format: .json, framing: .newline, recordCount: count,
          provenance: Provenance(file: 0, offset: mark.offset, line: mark.line), end: end))
    }
  }
}
