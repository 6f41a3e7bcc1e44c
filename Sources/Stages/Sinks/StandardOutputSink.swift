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
  private let noteIntent: (UInt64) -> Void
  private var progress: OutputProgress
  private var pending = BatchBuffer(headroom: 0, capacity: StandardOutputSink.chunk)

  /// `state.length` counts from the start of a file behind standard output, what was there before included.
  /// `intent` is what an earlier incarnation noted last, 0 if there was none.
  init(
    descriptor: Int32, format: FileFormat, names: InputNames, state: SinkState, intent: UInt64,
    noteIntent: @escaping (UInt64) -> Void
  ) throws(StageFailure) {
    self.descriptor = descriptor
    self.noteIntent = noteIntent
    progress = OutputProgress(format, names: names, resuming: state)
    if intent > state.length { try takeBack(to: state) }
  }

  private func takeBack(to state: SinkState) throws(StageFailure) {
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    let end = Int(state.length)
    guard isFile, ftruncate(descriptor, end) == 0, lseek(descriptor, end, SEEK_SET) == end else {
      throw StageFailure(
        "standard output: error: its writer died in the middle of a write, and what a pipe took can't be "
          + "known; write to a file to survive that")
    }
  }

  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    if try !progress.encode(batch, errors: &errors, into: &pending) { pending.append(batch.payload) }
    if pending.count >= Self.chunk { try flush() }
  }

  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8] {
    try flush()
    return progress.committed()
  }

  func finish() throws(StageFailure) {
    try progress.finish(into: &pending)
    try flush()
  }

  var summary: SinkSummary { progress.summary(of: "standard output", isDurable: false) }

  private func flush() throws(StageFailure) {
    if pending.count == 0 { return }
    noteIntent(progress.written + UInt64(pending.count))
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
    progress.wrote(pending.count)
    pending.removeAll()
  }
}
