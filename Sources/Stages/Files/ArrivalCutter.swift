import Delivery
import POSIXKit
import PipelineFile
import Records

/// Cuts batches from a text that grows: full ones at once, smaller ones when the text has paused.
///
/// Each look reads some bytes before the mark with what follows it, so that a text that was replaced meanwhile
/// is told from one that grew. For one thread.
final class ArrivalCutter {
  /// How long to wait for more before a smaller batch is cut.
  static let linger = Duration.milliseconds(5)
  /// The most bytes that a look for the header reads at first.
  private static let headerBytes = 4 << 10

  /// Reads from an offset into the buffer until it is full or the text ends, and says how much.
  typealias Reading = (UnsafeMutableRawBufferPointer, Int) throws(StageFailure) -> Int

  /// What was found behind a mark.
  enum Offer {
    case batch(CutBatch)
    /// No record is complete.
    case nothing
    /// Records are there; more of them may be soon.
    case linger(until: UInt64)
    /// The text is final and has no more records. The mark is behind its last byte.
    case end
    /// What lies before the mark is not what was read there.
    case changed
  }

  private var format: InputFormat
  private let name: String
  private var window = BatchBuffer(headroom: 0, capacity: FileSource.batchBytes + InputMark.tailLength)
  /// Where the first byte behind the tail in the window lies in the text.
  private var windowStart: UInt64 = 0
  private var lingersUntil: UInt64?
  /// Bytes and lines of BOM and header, once they are read.
  private var start: (bytes: UInt64, lines: UInt64)?
  private var lacksSchema = false

  init(_ format: FileFormat, name: String) {
    self.format = InputFormat(format)
    self.name = name
  }

  /// The schema of the batch that was cut last.
  var schema: [UInt8] { lacksSchema ? [] : format.schema }

  /// Bytes of BOM and header, once they are read.
  var startBytes: UInt64? { start?.bytes }

  /// Goes on with another text, which has a start of its own.
  func begin() {
    start = nil
    lingersUntil = nil
  }

  /// The next batch. With `isFinal` what is there now is all that will be.
  func cut(
    at mark: InputMark, isFinal: Bool, headroom: Int, into buffer: inout BatchBuffer,
    errors: inout RecordErrors, read: Reading
  ) throws(StageFailure) -> Offer {
    var mark = mark
    var wanted = FileSource.batchBytes
    while true {
      guard let tail = try look(at: mark, wanted, read) else { return .changed }
      let isShort = window.count - tail < wanted
      guard try findStart(tail, isShort && isFinal, &mark, read) else {
        if !isShort {
          wanted *= 2
          continue
        }
        return isFinal && mark.offset == 0 && window.count == 0 ? .end : .nothing
      }
      let skipped = tail + Int(mark.offset - windowStart)
      let found = try boundaries(skipped, isShort && isFinal, mark.line, errors.policy)
      guard let found else {
        if isShort { return .nothing }
        wanted *= 2
        continue
      }
      if found.cut.records == 0 {
        if isShort { return isFinal ? .end : .nothing }
        mark = advanced(mark, found.cut, from: skipped)
        continue
      }
      if isShort && !isFinal, let deadline = deadlineOfLinger() { return .linger(until: deadline) }
      lingersUntil = nil
      return .batch(try take(found, at: mark, from: skipped, headroom: headroom, into: &buffer, &errors))
    }
  }

  /// Cuts what was cut at a mark before, and ended at another mark of the same text. Nil: it is not there any
  /// more.
  func cutAgain(
    at mark: InputMark, to end: InputMark, headroom: Int, into buffer: inout BatchBuffer,
    errors: inout RecordErrors, read: Reading
  ) throws(StageFailure) -> CutBatch? {
    guard end.offset > mark.offset else { return nil }
    var mark = mark
    let wanted = Int(end.offset - mark.offset)
    guard let tail = try look(at: mark, wanted, read), window.count - tail == wanted,
      tailCheck(upTo: window.count) == end.tailCheck
    else { return nil }
    // The text is the one that was cut, so its start is too.
    guard try findStart(tail, true, &mark, read) else { return nil }
    while true {
      let skipped = tail + Int(mark.offset - windowStart)
      guard let found = try boundaries(skipped, true, mark.line, errors.policy) else { return nil }
      if found.cut.records > 0 {
        return try take(found, at: mark, from: skipped, headroom: headroom, into: &buffer, &errors)
      }
      if found.cut.length == 0 { return nil }
      mark = advanced(mark, found.cut, from: skipped)
    }
  }

  /// Throws where a text that has ended without a byte should have had a header.
  func requireStart() throws(StageFailure) {
    if start != nil { return }
    let empty = BatchBuffer(headroom: 0, capacity: 0)
    start = try empty.withPayload { (bytes) throws(StageFailure) in try startOf(bytes, true) }
  }

  /// Makes an empty batch in the place of one that can't be cut again.
  func lose(upTo end: InputMark, headroom: Int, into buffer: inout BatchBuffer) -> CutBatch {
    lacksSchema = true
    buffer = BatchBuffer(headroom: headroom, capacity: 1)
    return CutBatch(
      format: .json, framing: .newline, recordCount: 0,
      provenance: Provenance(file: 0, offset: end.offset, line: end.line), end: end)
  }

  /// Fills the window with the tail before a mark and as many bytes behind it as are wanted and there. Returns
  /// the tail's length, or nil if it is not what the mark says.
  private func look(at mark: InputMark, _ wanted: Int, _ read: Reading) throws(StageFailure) -> Int? {
    let tail = Int(min(mark.offset, UInt64(InputMark.tailLength)))
    windowStart = mark.offset
    window.removeAll()
    _ = try window.appendUsingSpare(minimum: tail + wanted) { (spare) throws(StageFailure) in
      try read(.init(rebasing: spare[..<(tail + wanted)]), Int(mark.offset) - tail)
    }
    guard window.count >= tail, tail == 0 || tailCheck(upTo: tail) == mark.tailCheck else { return nil }
    return tail
  }

  private func tailCheck(upTo end: Int) -> UInt64 {
    if end == 0 { return 0 }
    return window.withPayload {
      StableHash.hash(of: $0.bytes(max(0, end - InputMark.tailLength)..<end))
    }
  }

  /// Makes sure that BOM and header are read, and puts a mark at the text's start behind them. False: they are
  /// not whole yet.
  private func findStart(
    _ tail: Int, _ isFinal: Bool, _ mark: inout InputMark, _ read: Reading
  ) throws(StageFailure) -> Bool {
    if start == nil {
      if mark.offset == 0 {
        if window.count == 0 { return false }
        start = try window.withPayload { (bytes) throws(StageFailure) in try startOf(bytes, isFinal) }
      } else {
        start = try readStart(read)
      }
    }
    guard let start else { return false }
    if mark.offset < start.bytes {
      mark.offset = start.bytes
      mark.line = 1 + start.lines
      mark.tailCheck = tailCheck(upTo: Int(start.bytes))
    }
    return true
  }

  /// The start of a text of which more was read already.
  private func readStart(_ read: Reading) throws(StageFailure) -> (bytes: UInt64, lines: UInt64)? {
    var wanted = Self.headerBytes
    while true {
      var head = BatchBuffer(headroom: 0, capacity: wanted)
      _ = try head.appendUsingSpare(minimum: wanted) { (spare) throws(StageFailure) in
        try read(.init(rebasing: spare[..<wanted]), 0)
      }
      let isWhole = head.count < wanted
      let found = try head.withPayload { (bytes) throws(StageFailure) in try startOf(bytes, isWhole) }
      if found != nil || isWhole { return found }
      wanted *= 2
    }
  }

  private func startOf(
    _ bytes: UnsafeRawBufferPointer, _ isEnd: Bool
  ) throws(StageFailure) -> (bytes: UInt64, lines: UInt64)? {
    // Only what may become a BOM has to wait for the rest of it.
    if bytes.count < 3 && !isEnd && [0xEF, 0xBB].starts(with: bytes) { return nil }
    let bom = UTF8.startsWithBOM(bytes) ? 3 : 0
    guard let header = try format.readHeader(bytes.bytes(bom..<bytes.count), isEnd: isEnd, file: name)
    else { return nil }
    return (UInt64(bom + header.length), UInt64(header.lines))
  }

  private func boundaries(
    _ skipped: Int, _ isEnd: Bool, _ line: UInt64, _ policy: ErrorPlan.OnError
  ) throws(StageFailure) -> InputFormat.Found? {
    try window.withPayload { (bytes) throws(StageFailure) in
      try format.cut(
        bytes.bytes(skipped..<bytes.count), isEnd: isEnd, file: name, line: line, policy: policy)
    }
  }

  private func advanced(_ mark: InputMark, _ cut: RecordCut, from skipped: Int) -> InputMark {
    var mark = mark
    mark.offset += UInt64(cut.length)
    mark.line += UInt64(cut.lines)
    mark.tailCheck = tailCheck(upTo: skipped + cut.length)
    return mark
  }

  /// Nil once the text has paused long enough.
  private func deadlineOfLinger() -> UInt64? {
    let deadline = lingersUntil ?? MonotonicClock.deadline(after: Self.linger)
    lingersUntil = deadline
    return MonotonicClock.now() < deadline ? deadline : nil
  }

  private func take(
    _ found: InputFormat.Found, at mark: InputMark, from skipped: Int, headroom: Int,
    into buffer: inout BatchBuffer, _ errors: inout RecordErrors
  ) throws(StageFailure) -> CutBatch {
    let cut = found.cut
    lacksSchema = false
    var batch = CutBatch(
      format: format.recordFormat, framing: format.framing, recordCount: cut.records,
      provenance: Provenance(file: 0, offset: mark.offset, line: mark.line),
      end: advanced(mark, cut, from: skipped))
    buffer = BatchBuffer(headroom: headroom + schema.count, capacity: cut.length + 1)
    try window.withPayload { (bytes) throws(StageFailure) in
      let records = bytes.bytes(skipped..<skipped + cut.length)
      if !found.isClean {
        try format.sift(records, file: name, line: mark.line, into: &buffer, &batch, &errors)
        if batch.recordCount < batch.taken { return }
        buffer.removeAll()
      }
      buffer.append(records)
      if cut.lacksNewline { buffer.append(UInt8(ascii: "\n")) }
    }
    return batch
  }
}
