import Glibc
import POSIXKit
import PipelineFile
import Records

/// Writes a file: appends, and on a new start truncates to what was committed.
///
/// Holds an exclusive lock on the file for its life, taken before the length is read, so that an earlier
/// incarnation that has not noticed its end can't write behind it. A commit is durable: `fdatasync` comes before
/// the length is recorded.
final class FileSink: StageSink {
  /// Bytes that are gathered before a write, where records have to be converted.
  private static let chunk = 256 << 10

  private let lock: FileLock
  private let shown: String
  private var progress: OutputProgress
  private var writeback: Writeback
  private var pending = BatchBuffer(headroom: 0, capacity: FileSink.chunk)

  init(
    path: String, shown: String, format: FileFormat, names: InputNames, state: SinkState
  ) throws(StageFailure) {
    self.shown = shown
    progress = OutputProgress(format, names: names, resuming: state)
    writeback = Writeback(from: state.length)
    do {
      switch try FileLock.acquire(path, until: MonotonicClock.deadline(after: .seconds(5))) {
      case .taken(let taken): lock = taken
      case .held(let pids):
        throw StageFailure(
          "\(shown): error: another process is writing it"
            + (pids.isEmpty ? "" : " (pid \(pids.map(String.init).joined(separator: ", ")))"))
      }
      // Longer is what a dead writer had not committed; shorter would be filled up with NUL bytes.
      let size = try lock.descriptor.status().st_size
      guard size >= Int(state.length) else {
        throw StageFailure(
          "\(shown): error: \(state.length) bytes of it were committed and it has \(size) now; "
            + "leave output files as they are during a run")
      }
      guard ftruncate(lock.descriptor.raw, Int(state.length)) == 0 else {
        throw SystemCallError.last("ftruncate", shown)
      }
    } catch let error as StageFailure {
      throw error
    } catch {
      throw StageFailure("\(shown): error: it can't be written: \(error)")
    }
  }

  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    if try progress.encode(batch, errors: &errors, into: &pending) {
      if pending.count >= Self.chunk { try flush() }
    } else {
      try flush()
      try append(batch.payload)
    }
  }

  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8] {
    try flush()
    try makeDurable()
    return progress.committed()
  }

  private func makeDurable() throws(StageFailure) {
    guard fdatasync(lock.descriptor.raw) == 0 else {
      throw StageFailure(
        "\(shown): error: it can't be made durable: \(SystemCallError.last("fdatasync", shown))")
    }
  }

  func finish() throws(StageFailure) {
    try progress.finish(into: &pending)
    if pending.count == 0 { return }
    try flush()
    try makeDurable()
  }

  var summary: SinkSummary { progress.summary(of: shown, isDurable: true) }

  private func flush() throws(StageFailure) {
    if pending.count == 0 { return }
    try pending.withPayload { (bytes) throws(StageFailure) in try append(bytes) }
    pending.removeAll()
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws(StageFailure) {
    do {
      try lock.descriptor.pwriteAll(bytes, at: Int(progress.written))
    } catch {
      throw StageFailure("\(shown): error: \(bytes.count) bytes can't be written: \(error)")
    }
    progress.wrote(bytes.count)
    writeback.wrote(lock.descriptor, to: progress.written)
  }
}
