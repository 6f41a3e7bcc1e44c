import PipelineFile
import Records

/// Divides batches by the hash of each record's key: one part for each worker of a keyed stage.
///
/// A record goes to part `hash mod parts`, by ``KeyHash``, in the order in which it came; a part may be empty.
/// One whose key can't be found, because the record is damaged or the key's program fails on it, goes where
/// null does: whether it can be worked on is for the stage that gets it to judge.
/// Allocates nothing per record where the key is a plain field. For one thread.
package final class Partitioner {
  /// What one worker gets of a batch.
  package final class Part {
    /// The lines of the part's records, counted from the batch's first.
    package fileprivate(set) var lines = LineTableBuilder()
    fileprivate var buffer = BatchBuffer(headroom: 0, capacity: 0)

    package var recordCount: Int { lines.count }

    /// Gives away the records, behind the headroom and room for the schema.
    package func takeBuffer() -> BatchBuffer {
      var taken = BatchBuffer(headroom: 0, capacity: 0)
      swap(&taken, &buffer)
      return taken
    }
  }

  /// The parts of the batch that was split last.
  package let parts: [Part]
  private let key: RecordKey

  package init(key: JQPlan, parts: Int, plan: Plan) throws(StageFailure) {
    precondition(parts > 0)
    self.parts = (0..<parts).map { _ in Part() }
    self.key = try RecordKey(key, variables: plan.vars)
  }

  /// Fills ``parts`` with the records of a batch, each with the batch's format, framing and schema.
  ///
  /// Each buffer has `headroom` bytes and room for the schema before the records.
  package func split(_ batch: BatchView, headroom: Int) throws(StageFailure) {
    let share = batch.payload.count / parts.count
    for part in parts {
      part.lines.removeAll()
      part.buffer = BatchBuffer(
        headroom: headroom + batch.schema.count, capacity: share + share / 4 + 256)
    }
    var run = ChainRun(batch)
    switch batch.format {
    case .csv: try splitRows(&run)
    case .json, .line: splitLines(&run)
    }
  }

  private func splitLines(_ run: inout ChainRun) {
    let isJSON = run.batch.format == .json
    var reader = LineReader(run.batch.payload, skipsBlanks: isJSON)
    var index = 0
    while let range = reader.next() {
      let record = run.batch.payload.bytes(range)
      run.begin(payloadLine: reader.lineOffset, record: index)
      index += 1
      append(record, run, to: (try? key.hash(of: record, isJSON: isJSON)) ?? KeyHash.null)
    }
  }

  private func splitRows(_ run: inout ChainRun) throws(StageFailure) {
    let rows = try key.rows(of: run.batch)
    rows.reader.start(run.batch.payload)
    while true {
      var isDamaged = false
      do {
        guard try rows.reader.next() else { return }
      } catch {
        isDamaged = true
      }
      run.begin(payloadLine: rows.reader.lineOffset, record: rows.reader.recordIndex)
      let row = rows.reader.rowBytes
      append(row, run, to: isDamaged ? KeyHash.null : (try? key.hash(of: rows)) ?? KeyHash.null)
    }
  }

  @inline(__always)
  private func append(_ record: UnsafeRawBufferPointer, _ run: borrowing ChainRun, to hash: UInt64) {
    let part = parts[Int(hash % UInt64(parts.count))]
    part.buffer.append(record)
    part.buffer.append(UInt8(ascii: "\n"))
    part.lines.append(line: run.line)
  }
}
