import Glibc
import POSIXKit
import PipelineFile
import Records

/// Reads a pipe or a terminal: standard input that can be read only once.
///
/// A batch is cut when it is full, when the input pauses for ``linger`` and when it ends, so that slow input
/// is not held back. What was read and not cut stays in memory: such a source can't be restarted.
package final class StreamSource: StageSource {
  /// How long to wait for more before a smaller batch is cut.
  static let linger = Duration.milliseconds(5)

  private let descriptor: Descriptor
  private let name = "standard input"
  private var format: InputFormat
  private var pending = BatchBuffer(headroom: 0, capacity: FileSource.batchBytes)
  private var hasStarted = false
  private var isAtEnd = false
  /// What was taken from the input since the last batch and is no record: BOM, header and blank lines.
  private var skipped = (bytes: 0, lines: 0)

  package init(_ plan: FileSourcePlan, descriptor: consuming Descriptor) {
    self.descriptor = descriptor
    format = InputFormat(plan.format)
  }

  package var canRepeat: Bool { false }
  package var totalBytes: UInt64? { nil }
  package func bytes(before mark: InputMark) -> UInt64 { mark.offset }
  package var schema: [UInt8] { format.schema }

  package func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult {
    while true {
      let hasMore = try readAvailable(wait: hasStarted && pending.count > 0)
      if !hasStarted && (pending.count > 0 || isAtEnd) { hasStarted = try readStart() }
      var start = mark
      start.offset += UInt64(skipped.bytes)
      start.line += UInt64(skipped.lines)
      let found = hasStarted ? try boundaries(start, errors.policy) : nil
      if let found, found.cut.records > 0 {
        return .batch(try take(found, from: start, headroom: headroom, into: &buffer, &errors))
      }
      if let found, found.cut.length > 0 { skip(found.cut.length, lines: found.cut.lines) }
      if isAtEnd && (pending.count == 0 || !hasStarted) { return .end }
      if !hasMore && !isAtEnd { return .wait(descriptor: descriptor.raw, until: nil) }
    }
  }

  private func skip(_ length: Int, lines: Int) {
    pending.removeFirst(length)
    skipped.bytes += length
    skipped.lines += lines
  }

  private func boundaries(
    _ start: InputMark, _ policy: ErrorPlan.OnError
  ) throws(StageFailure) -> InputFormat.Found? {
    try pending.withPayload { (bytes) throws(StageFailure) in
      try format.cut(bytes, isEnd: isAtEnd, file: name, line: start.line, policy: policy)
    }
  }

  private func take(
    _ found: InputFormat.Found, from start: InputMark, headroom: Int, into buffer: inout BatchBuffer,
    _ errors: inout RecordErrors
  ) throws(StageFailure) -> CutBatch {
    let cut = found.cut
    var end = start
    end.offset += UInt64(cut.length)
    end.line += UInt64(cut.lines)
    var batch = CutBatch(
      format: format.recordFormat, framing: format.framing, recordCount: cut.records,
      provenance: Provenance(file: 0, offset: start.offset, line: start.line), end: end)
    buffer = BatchBuffer(headroom: headroom + schema.count, capacity: cut.length + 1)
    try pending.withPayload { (bytes) throws(StageFailure) in
      let records = bytes.bytes(0..<cut.length)
      if !found.isClean {
        try format.sift(records, file: name, line: start.line, into: &buffer, &batch, &errors)
        if batch.recordCount < batch.taken { return }
        buffer.removeAll()
      }
      buffer.append(records)
      if cut.lacksNewline { buffer.append(UInt8(ascii: "\n")) }
    }
    pending.removeFirst(cut.length)
    skipped = (0, 0)
    return batch
  }

  /// Reads until a batch is full or nothing comes. False if nothing came.
  private func readAvailable(wait: Bool) throws(StageFailure) -> Bool {
    var hasRead = false
    do {
      while !isAtEnd {
        let deadline = wait || hasRead ? MonotonicClock.deadline(after: Self.linger) : 0
        guard try Poller.wait(for: descriptor.raw, until: deadline) else { return hasRead }
        let count = try pending.appendUsingSpare(minimum: 64 << 10) { (spare) throws(SystemCallError) in
          switch try descriptor.read(into: spare) {
          case .bytes(let count): count
          case .wouldBlock, .end: 0
          }
        }
        if count == 0 { isAtEnd = true }
        hasRead = true
        if pending.count >= FileSource.batchBytes { return true }
      }
    } catch {
      throw StageFailure("\(name): error: it can't be read: \(error)")
    }
    return hasRead
  }

  private func readStart() throws(StageFailure) -> Bool {
    let found = try pending.withPayload { (bytes) throws(StageFailure) -> (length: Int, lines: Int)? in
      // Only what may become a BOM has to wait for the rest of it.
      if bytes.count < 3 && !isAtEnd && [0xEF, 0xBB].starts(with: bytes) { return nil }
      let bom = UTF8.startsWithBOM(bytes) ? 3 : 0
      guard
        let header = try format.readHeader(bytes.bytes(bom..<bytes.count), isEnd: isAtEnd, file: name)
      else { return nil }
      return (bom + header.length, header.lines)
    }
    guard let found else { return false }
    skip(found.length, lines: found.lines)
    return true
  }
}
