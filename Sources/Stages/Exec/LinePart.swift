import Multiprocessing
import PipelineFile
import Records

/// `exec` with `per: line`: each record is a line for a long-lived program, and its answer the record's successor.
final class LinePart: ChainPart {
  private let plan: ExecPlan
  private let context: PartContext
  private let exchange: LineExchange
  private var input: ProgramLines
  private(set) var owners: [UInt32] = []

  init(_ plan: ExecPlan, _ context: PartContext) {
    self.plan = plan
    self.context = context
    exchange = LineExchange(plan, context)
    input = ProgramLines(plan, context)
  }

  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    let dropped = errors.dropped
    try input.take(batch, &errors)
    try exchange.run(input) { line in
      let file = context.names.name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
      return "\(file):\(batch.provenance.line + UInt64(input.offsets[line]))"
    }
    buffer = BatchBuffer(headroom: headroom, capacity: exchange.answers.count + 256)
    lines.removeAll()
    owners.removeAll(keepingCapacity: true)
    let form = AnswerRecords(plan, input: ProgramLines.form(plan, of: batch.format))
    var refused = exchange.refusals
    var filtered = 0
    exchange.answers.withPayload { bytes in
      let isUTF8 = UTF8.firstInvalid(in: bytes) == nil
      var start = 0
      for line in 0..<input.count {
        let end = exchange.ends[line]
        if end < 0 { continue }
        let text = form.text(bytes.bytes(start..<end))
        start = end + 1
        switch form.judge(text, isUTF8: isUTF8) {
        case .none: filtered += 1
        case .wrong(let why):
          refused.append(.init(line: line, text: "the answer of the program \(plan.shown): \(why)"))
        case .record:
          buffer.append(text)
          buffer.append(UInt8(ascii: "\n"))
          lines.append(line: Int(input.offsets[line]))
          if context.notesOwners { owners.append(input.records[line]) }
        }
      }
    }
    if !refused.isEmpty { try input.refuse(refused, batch, &errors) }
    return ChainOutput(
      format: form.format, framing: .newline, schema: [], recordCount: lines.count,
      filtered: filtered + errors.dropped - dropped)
  }

  func finish() throws(StageFailure) { try exchange.finish() }
}
