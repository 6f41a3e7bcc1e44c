import Glibc
import POSIXKit
import PipelineFile
import Records

/// Writes a series of files: each part is closed when it is large or old enough, and the next begun.
///
/// A part is written under a name that says that it is open. When it is closed its bytes are made durable, then
/// the state that lists it is, and only then, in ``committed()``, it gets its name: a part with its final name is
/// whole. A new incarnation gives listed parts their names where its predecessor did not come to it, truncates
/// the open part to what was committed, and removes the parts begun after that.
final class PartedFileSink: StageSink {
  private static let chunk = 256 << 10

  private let names: PartNames
  private let shown: String
  private let rotation: FileTarget.Rotation
  /// Remembers the files that this pipeline has written, by device and inode.
  private let ownerFile: String
  private var progress: OutputProgress
  private var parts: SinkState.Parts
  private var writeback = Writeback()
  private var pending = BatchBuffer(headroom: 0, capacity: PartedFileSink.chunk)
  private var part: OpenPart?
  /// When the part in hand is to be closed, as monotonic nanoseconds.
  private var partDeadline: UInt64?
  /// Whether a part was created whose name may not be durable yet.
  private var hasNewName = false

  /// The part in hand, locked while it is.
  private final class OpenPart {
    let lock: FileLock

    init(_ lock: consuming FileLock) { self.lock = lock }
  }

  init(
    rotation: FileTarget.Rotation, names: PartNames, shown: String, format: FileFormat, inputs: InputNames,
    state: SinkState, ownerFile: String
  ) throws(StageFailure) {
    self.names = names
    self.shown = shown
    self.rotation = rotation
    self.ownerFile = ownerFile
    parts = state.parts ?? SinkState.Parts()
    progress = OutputProgress(format, names: inputs, resuming: state)
    do {
      try settle(from: state)
    } catch let error as StageFailure {
      throw error
    } catch {
      throw StageFailure("\(shown): error: it can't be written: \(error)")
    }
  }

  /// Brings the files to what the state says.
  private func settle(from state: SinkState) throws {
    // First what a predecessor began and nobody counts: if it still lives, this waits for its end.
    for number in try names.present()
    where number > parts.number || (number == parts.number && state.length == 0) {
      for path in [names.open(number), names.closed(number)] where access(path, F_OK) == 0 {
        let abandoned = try lock(path)
        guard unlink(path) == 0 else { throw SystemCallError.last("unlink", path) }
        withExtendedLifetime(abandoned) {}
      }
    }
    if state.length > 0 {
      // The last part may have got its name from `finish()`.
      if access(names.open(parts.number), F_OK) != 0 {
        try rename(names.closed(parts.number), to: names.open(parts.number))
      }
      part = try lock(names.open(parts.number))
      try truncate(to: state.length)
      writeback = Writeback(from: state.length)
      if let every = rotation.every {
        let end = parts.began.addingReportingOverflow(every)
        let now = WallClock.now()
        let left = end.overflow ? UInt64.max : end.partialValue > now ? end.partialValue - now : 0
        partDeadline = MonotonicClock.now().addingReportingOverflow(min(left, every)).partialValue
      }
    }
    try nameClosedParts()
    parts.closed = []
  }

  private func truncate(to length: UInt64) throws {
    let descriptor = part!.lock.descriptor.raw
    let size = try part!.lock.descriptor.status().st_size
    guard size >= Int(length) else { throw lost(names.open(parts.number), length, size) }
    guard ftruncate(descriptor, Int(length)) == 0 else { throw SystemCallError.last("ftruncate", shown) }
  }

  private func lost(_ path: String, _ length: UInt64, _ size: Int) -> StageFailure {
    StageFailure(
      "\(path): error: \(length) bytes of it were committed and it has \(size) now; "
        + "leave output files as they are during a run")
  }

  private func lock(_ path: String) throws -> OpenPart {
    switch try FileLock.acquire(path, until: MonotonicClock.deadline(after: .seconds(5))) {
    case .taken(let taken): return OpenPart(taken)
    case .held(let pids):
      throw StageFailure(
        "\(path): error: another process is writing it"
          + (pids.isEmpty ? "" : " (pid \(pids.map(String.init).joined(separator: ", ")))"))
    }
  }

  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    if isOld { try closePart() }
    if try progress.encode(batch, errors: &errors, into: &pending) {
      if pending.count >= Self.chunk { try flush() }
    } else {
      try flush()
      try append(batch.payload)
    }
    if part == nil && pending.count > 0 { try beginPart() }
    if let size = rotation.size, progress.written + UInt64(pending.count) >= size { try closePart() }
  }

  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8] {
    if isOld { try closePart() }
    try flush()
    try makeDurable()
    if hasNewName {
      try syncFolder()
      hasNewName = false
    }
    return progress.committed(parts)
  }

  func committed() throws(StageFailure) {
    do {
      try nameClosedParts()
    } catch let error as StageFailure {
      throw error
    } catch {
      throw StageFailure("\(shown): error: a part can't be closed: \(error)")
    }
    parts.closed = []
  }

  func finish() throws(StageFailure) {
    // A run without a record leaves one part, as it leaves an empty file where nothing is rotated.
    if parts.isUntouched {
      try progress.finish(into: &pending)
      try beginPart()
    }
    try closePart()
    try committed()
  }

  var nextDeadline: UInt64? { partDeadline }

  var summary: SinkSummary { progress.summary(of: shown, isDurable: true) }

  private var isOld: Bool { partDeadline.map { MonotonicClock.now() >= $0 } ?? false }

  private func flush() throws(StageFailure) {
    if pending.count == 0 { return }
    try pending.withPayload { (bytes) throws(StageFailure) in try append(bytes) }
    pending.removeAll()
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws(StageFailure) {
    if part == nil { try beginPart() }
    do {
      try part!.lock.descriptor.pwriteAll(bytes, at: Int(progress.written))
    } catch {
      throw StageFailure("\(shown): error: \(bytes.count) bytes can't be written: \(error)")
    }
    progress.wrote(bytes.count)
    writeback.wrote(part!.lock.descriptor, to: progress.written)
  }

  private func beginPart() throws(StageFailure) {
    let path = names.open(parts.number)
    do {
      let file = try Descriptor.open(path, O_RDWR | O_CREAT)
      try rememberOutput(try file.status(), in: ownerFile)
      part = try lock(path)
    } catch let error as StageFailure {
      throw error
    } catch {
      throw StageFailure("\(shown): error: a part can't be begun: \(error)")
    }
    hasNewName = true
    parts.began = WallClock.now()
    if let every = rotation.every {
      let end = MonotonicClock.now().addingReportingOverflow(every)
      partDeadline = end.overflow ? .max : end.partialValue
    }
  }

  /// Ends the part in hand, if there is one: durable, but under its old name until the state is stored.
  private func closePart() throws(StageFailure) {
    try flush()
    guard part != nil else { return }
    try makeDurable()
    parts.closed.append(SinkState.ClosedPart(number: parts.number, length: progress.written))
    parts.number += 1
    parts.began = 0
    part = nil
    partDeadline = nil
    progress.beginPart()
    writeback = Writeback()
  }

  private func makeDurable() throws(StageFailure) {
    guard let part else { return }
    guard fdatasync(part.lock.descriptor.raw) == 0 else {
      throw StageFailure(
        "\(shown): error: it can't be made durable: \(SystemCallError.last("fdatasync", shown))")
    }
  }

  /// Gives closed parts their names, unless they have them.
  private func nameClosedParts() throws {
    if parts.closed.isEmpty { return }
    for closed in parts.closed {
      let path = names.open(closed.number)
      // One that has its name may be in other hands already.
      guard access(path, F_OK) == 0 else { continue }
      let size = try Descriptor.open(path).status().st_size
      guard size == Int(closed.length) else { throw lost(path, closed.length, size) }
      try rename(path, to: names.closed(closed.number))
    }
    try syncFolder()
  }

  private func rename(_ path: String, to new: String) throws {
    guard Glibc.rename(path, new) == 0 else { throw SystemCallError.last("rename", path) }
  }

  private func syncFolder() throws(StageFailure) {
    do {
      try makeNamesDurable(in: names.folder)
    } catch {
      throw StageFailure("\(shown): error: its folder can't be made durable: \(error)")
    }
  }
}
