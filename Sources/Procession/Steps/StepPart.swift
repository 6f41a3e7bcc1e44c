import PipelineFile
import Records
import Stages

/// Runs a ``Step`` as a part of a stage's chain.
final class StepPart<Body: Step>: ChainPart {
  private var step: Body
  private let use: UsePlan
  private let context: PartContext
  private let table: RecordTable
  private(set) var owners: [UInt32] = []

  init(_ use: UsePlan, _ context: PartContext, _ step: consuming Body) throws(StageFailure) {
    self.use = use
    self.context = context
    table = RecordTable(Body.form == .json ? .json : .asRead, names: context.names)
    self.step = step
    do { try self.step.start(WorkerInfo(context)) } catch {
      throw StageFailure("\(use.position): error: \(use.name) can't start: \(error)")
    }
  }

  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    let dead = errors.deadCount
    try table.read(batch, errors: &errors)
    let records = Batch(table)
    let keepsForm = Body.form == .asRead
    let schema = keepsForm ? Array(batch.schema) : []
    var output = Output(
      form: Body.form, isCSV: batch.format == .csv, headroom: headroom + schema.count,
      capacity: batch.payload.count + 256)
    do {
      try step.process(records, into: &output)
    } catch let failure as RunFailure {
      throw end(failure, line: records.first { _ in true }?.line ?? batch.provenance.line, batch)
    } catch {
      // Somebody's fault: each record on its own tells whose.
      try processOneByOne(records, &output, batch)
    }
    try refuse(output.refusals, of: batch, &errors)
    let made = finish(output, batch, &lines)
    let count = lines.count
    var filtered = batch.recordCount - (errors.deadCount - dead)
    var last: UInt32?
    for owner in owners where owner != last {
      filtered -= 1
      last = owner
    }
    buffer = made
    return ChainOutput(
      format: keepsForm ? batch.format : .json, framing: keepsForm ? batch.framing : .newline,
      schema: schema, recordCount: count, filtered: filtered)
  }

  private func processOneByOne(
    _ records: Batch, _ output: inout Output, _ batch: BatchView
  ) throws(StageFailure) {
    output.removeAll()
    for record in records {
      output.startRecord(record.position)
      do {
        try step.process(records.only(record.position), into: &output)
      } catch let failure as RunFailure {
        throw end(failure, line: record.line, batch)
      } catch {
        output.refuse(record, "\(error)")
      }
    }
  }

  private func refuse(
    _ refusals: [Output.Refusal], of batch: BatchView, _ errors: inout RecordErrors
  ) throws(StageFailure) {
    for refusal in refusals {
      let entry = table.entries[refusal.position]
      try errors.refuse(
        record: entry.index, line: entry.line, step: context.firstStep + 1, text: refusal.text,
        bytes: table.payload.bytes(entry.raw),
        failure: context.failure(refusal.text, step: "use \(use.name)", line: entry.line, in: batch))
    }
  }

  private func finish(
    _ output: consuming Output, _ batch: BatchView, _ lines: inout LineTableBuilder
  ) -> BatchBuffer {
    lines.removeAll()
    owners.removeAll(keepingCapacity: true)
    let base = batch.provenance.line
    for position in output.owners {
      let entry = table.entries[position]
      lines.append(line: Int(entry.line - base))
      owners.append(UInt32(entry.index))
    }
    return output.takeBuffer()
  }

  private func end(_ failure: RunFailure, line: UInt64, _ batch: BatchView) -> StageFailure {
    context.failure(failure.description, step: "use \(use.name)", line: line, in: batch)
  }
}

extension WorkerInfo {
  init(_ context: PartContext) {
    let parts = context.worker.split(separator: ".")
    self.init(name: context.worker, index: parts.last.flatMap { Int($0) } ?? 0)
  }
}
