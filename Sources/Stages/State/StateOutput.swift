import Records

/// Takes the records that a step with state makes, and cuts them into batches. For one thread.
package final class StateOutput {
  /// Bytes from which on a batch is cut, at the next record.
  package static let batchBytes = 256 << 10

  /// A batch that was cut: JSON texts, one a line.
  package struct Batch: Sendable {
    package var recordCount: Int
    /// Where the first record came from.
    package var provenance: Provenance
    /// The stage whose list of files `provenance.file` is an index of.
    package var fileStage: UInt16

    package init(recordCount: Int, provenance: Provenance, fileStage: UInt16) {
      self.recordCount = recordCount
      self.provenance = provenance
      self.fileStage = fileStage
    }
  }

  /// What a place in the output is, to come back to.
  package struct Mark {
    fileprivate let byteCount: Int
    fileprivate let lines: LineTableBuilder.Mark
  }

  private let headroom: Int
  private var buffer: BatchBuffer
  private var lines = LineTableBuilder()
  private var provenance = Provenance()
  private var fileStage: UInt16 = 0
  /// Of what the state owes at the end: records are told by their number.
  private var isFlush = false
  /// The last line that was noted.
  private var lastLine: UInt64 = 0
  private let receive:
    (_ batch: Batch, _ buffer: inout BatchBuffer, _ lines: inout LineTableBuilder) throws(StageFailure) ->
      Void

  /// `receive` gets each batch that is cut, its buffer with `headroom` bytes in front, which it may swap for
  /// another.
  package init(
    headroom: Int,
    receive:
      @escaping (
        _ batch: Batch, _ buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
      ) throws(StageFailure) -> Void
  ) {
    self.headroom = headroom
    self.receive = receive
    buffer = BatchBuffer(headroom: headroom, capacity: 0)
  }

  /// The records that follow come from a batch that was read there.
  package func begin(_ provenance: Provenance, fileStage: UInt16) {
    self.provenance = provenance
    self.fileStage = fileStage
    isFlush = false
    lastLine = provenance.line
  }

  /// The records that follow come from the state, not from an input.
  package func beginFlush(fileStage: UInt16) {
    provenance = Provenance()
    self.fileStage = fileStage
    isFlush = true
    lastLine = 0
  }

  /// A record begins: the place to come back to if it is refused. Cuts the batch if it is full.
  package func mark() throws(StageFailure) -> Mark {
    if buffer.count >= Self.batchBytes { try cut() }
    return Mark(byteCount: buffer.count, lines: lines.mark)
  }

  /// Takes back what was appended since the mark, the last that was made.
  package func takeBack(to mark: Mark) {
    buffer.truncate(to: mark.byteCount)
    lines.truncate(to: mark.lines)
  }

  /// Appends one record: a JSON text. `line` is the line of the input file that it came from; what comes out of
  /// one batch may not go back, so a lower one counts as the last.
  package func append(_ json: UnsafeRawBufferPointer, line: UInt64) throws(StageFailure) {
    try append(line: line) { $0.append(json) }
  }

  /// The same, for a caller that writes the text into the buffer.
  package func append(line: UInt64, _ write: (inout BatchBuffer) -> Void) throws(StageFailure) {
    // What the state owes comes as one piece: nothing of it is taken back.
    if isFlush && buffer.count >= Self.batchBytes { try cut() }
    let start = buffer.count
    write(&buffer)
    buffer.replaceLineFeeds(from: start)
    buffer.append(UInt8(ascii: "\n"))
    if isFlush {
      lines.append(line: lines.count)
      return
    }
    lastLine = max(lastLine, line)
    lines.append(line: Int(lastLine - provenance.line))
  }

  /// Hands over what is there, if there is anything.
  package func cut() throws(StageFailure) {
    let count = lines.count
    if count == 0 { return }
    try receive(Batch(recordCount: count, provenance: provenance, fileStage: fileStage), &buffer, &lines)
    buffer = BatchBuffer(headroom: headroom, capacity: Self.batchBytes + 4096)
    lines.removeAll()
    if isFlush { provenance.line += UInt64(count) }
  }

  /// Drops what is there.
  package func removeAll() {
    buffer.removeAll()
    lines.removeAll()
  }
}
