import PipelineFile
import Records
import Stages

/// Runs a ``Sink`` as a stage's sink.
final class SinkAdapter<Body: Sink>: StageSink {
  private var sink: Body
  private let use: UsePlan
  private let names: InputNames
  private let table: RecordTable
  private let writesSingly: Bool
  private var counts: SinkState
  private let run: UInt64
  private(set) var storedPosition: [UInt8]?

  init(
    _ use: UsePlan, _ context: UserStageContext, _ state: SinkState, _ sink: consuming Body
  ) throws(StageFailure) {
    self.use = use
    names = context.names
    table = RecordTable(Body.form == .json ? .json : .asRead, names: context.names)
    writesSingly = Body.self is any RecordSink.Type
    counts = state
    run = context.run
    self.sink = sink
    let stored: [UInt8]?
    do { stored = try self.sink.open(WorkerInfo(context)) } catch {
      throw Trouble.failure(error, use, "can't be opened")
    }
    guard Body.keepsPosition, let found = stored.flatMap(RunPosition.init), found.run == run else { return }
    storedPosition = found.position
    counts.records = found.records
    counts.length = found.bytes
  }

  var keepsPosition: Bool { Body.keepsPosition }

  func write(_ batch: BatchView, errors: inout RecordErrors) throws(StageFailure) {
    try table.read(batch, errors: &errors)
    let records = Batch(table)
    if writesSingly { return try writeOneByOne(records, batch, &errors) }
    do {
      try sink.write(records)
      for record in records { count(record) }
    } catch {
      if Trouble.concernsWorker(error) { throw Trouble.failure(error, use, "can't write") }
      try writeOneByOne(records, batch, &errors)
    }
  }

  private func writeOneByOne(
    _ records: Batch, _ batch: BatchView, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    for record in records {
      do {
        try sink.write(records.only(record.position))
        count(record)
      } catch {
        if Trouble.concernsWorker(error) { throw Trouble.failure(error, use, "can't write") }
        try table.refuse(record.position, "\(error)", to: &errors) { line in
          names.failure("\(error)", line: line, in: batch)
        }
      }
    }
  }

  private func count(_ record: Record) {
    counts.records += 1
    counts.length += UInt64(record.bytes.count)
  }

  func commit(position: [UInt8]) throws(StageFailure) -> [UInt8] {
    let stored = RunPosition(run: run, records: counts.records, bytes: counts.length, position: position)
    do { try sink.commit(stored.encoded) } catch { throw Trouble.failure(error, use, "can't commit") }
    return counts.encoded()
  }

  func finish() throws(StageFailure) {
    do { try sink.finish() } catch { throw Trouble.failure(error, use, "can't finish") }
  }

  var summary: SinkSummary {
    SinkSummary(target: use.name, records: counts.records, bytes: counts.length, isDurable: true)
  }
}
