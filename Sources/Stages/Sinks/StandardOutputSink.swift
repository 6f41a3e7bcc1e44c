import Glibc
import POSIXKit
import PipelineFile
import Records

/// Writes standard output: a file behind it is truncated like any other, a pipe can't be.
///
/// What went into a pipe is gone. Before each write the sink therefore notes, where its successor finds it,
/// how long the output will be afterwards; a successor that finds more noted than was committed can't know
/// how much of it was written, and stops the run rather than write anything twice.
final class StandardOutputSink: StageSink {
  private static let chunk = 256 << 10

  private let descriptor: Int32
  private let encoder: RecordEncoder
  private let noteIntent: (UInt64) -> Void
  private var state: SinkState
  private var written: UInt64
  private var records: UInt64
  private var pending = BatchBuffer(headroom: 0, capacity: StandardOutputSink.chunk)

  /// `state.base` is where a file behind standard output stood when the run began. `intent` is what an
  /// earlier incarnation noted last, 0 if there was none.
  init(
    descriptor: Int32, format: FileFormat, names: InputNames, state: SinkState, intent: UInt64,
    noteIntent: @escaping (UInt64) -> Void
  ) throws(StageFailure) {
    self.descriptor = descriptor
    self.noteIntent = noteIntent
    self.state = state
    written = state.length
    records = state.records
    encoder = RecordEncoder(
      format, names: names, columns: state.columns, hasWrittenHeader: state.hasWrittenHeader)
    if intent > state.length { try takeBack() }
  }

  private func takeBack() throws(StageFailure) {
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let end = Int(state.base + state.length)
    guard isFile, ftruncate(descriptor, end) == 0, lseek(descriptor, end, SEEK_SET) == end else {
      throw StageFailure(
        "standard output: error: its writer died in the middle of a write, and what a pipe took can't be "
          + "known; write to a file to survive that")
    }
  }

  func write(_ batch: BatchView) throws(StageFailure) {
    if try !encoder.encode(batch, into: &pending) { pending.append(batch.payload) }
    records += UInt64(batch.recordCount)
    if pending.count >= Self.chunk { try flush() }
  }

  func commit() throws(StageFailure) -> [UInt8] {
    try flush()
    state.length = written
    state.records = records
    state.columns = encoder.columns
    state.hasWrittenHeader = encoder.hasWrittenHeader
    return state.encoded()
  }

  func finish() throws(StageFailure) {
    try encoder.finish(into: &pending)
    try flush()
  }

  var summary: (target: String, records: UInt64, bytes: UInt64) { ("standard output", records, written) }

  private func flush() throws(StageFailure) {
    if pending.count == 0 { return }
    noteIntent(written + UInt64(pending.count))
    try pending.withPayload { (bytes) throws(StageFailure) in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
        if count >= 0 {
          sent += count
        } else if errno == EAGAIN {
          _ = try? Poller.wait(for: descriptor, .writable, until: nil)
        } else if errno != EINTR {
          throw StageFailure("standard output: error: \(SystemCallError.last("write"))")
        }
      }
    }
    written += UInt64(pending.count)
    pending.removeAll()
  }
}
