import POSIXKit
import PipelineFile
import Records

/// `exec` with `per: batch`: a process for each batch, which reads all of it and writes any number of lines.
///
/// A batch whose process fails is tried again, then taken apart: a process for each record, and the records
/// whose processes fail are refused.
final class BatchPart: ChainPart {
  private let plan: ExecPlan
  private let context: PartContext
  private var input: ProgramLines
  private var run: BatchRun
  private let policy: LineExchangeStateMachine.Policy
  /// Failures in a row without a success between them.
  private var fruitless = 0
  let owners: [UInt32] = []
  var tracesRecords: Bool { false }

  init(_ plan: ExecPlan, _ context: PartContext) {
    self.plan = plan
    self.context = context
    input = ProgramLines(plan, context)
    run = BatchRun(plan)
    policy = .init(plan, attempts: context.attempts)
  }

  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput {
    let (dropped, dead) = (errors.dropped, errors.deadCount)
    try input.take(batch, &errors)
    buffer = BatchBuffer(headroom: headroom, capacity: batch.payload.count + 256)
    lines.removeAll()
    let form = AnswerRecords(plan, input: ProgramLines.form(plan, of: batch.format))
    if input.count > 0 {
      let first = place(of: 0, in: batch)
      let all = input.headerLength..<input.ends[input.count - 1]
      if try attempt(all, form, first) == nil {
        append(form, line: Int(input.offsets[0]), into: &buffer, &lines)
      } else {
        try isolate(batch, form, into: &buffer, &lines, &errors)
      }
    }
    return ChainOutput(
      format: form.format, framing: .newline, schema: [], recordCount: lines.count,
      filtered: lines.count > 0 ? errors.dropped - dropped : batch.recordCount - (errors.deadCount - dead))
  }

  /// Runs the program over some of the input, several times if need be. Returns why it failed at last.
  private func attempt(
    _ range: Range<Int>, _ form: AnswerRecords, _ place: String
  ) throws(StageFailure) -> String? {
    var failure = ""
    for turn in 1...policy.attempts {
      guard let problem = try run.run(input.bytes, header: input.headerLength, range, form) else {
        fruitless = 0
        return nil
      }
      failure = problem
      fruitless += 1
      let subject = "\(failure), with the batch from \(place) on"
      if fruitless > policy.mostFruitless {
        throw StageFailure(
          "\(plan.position): error: \(subject); \(fruitless) times in a row\(run.words); mend the program, or raise "
            + "'max' of 'restart' (stage \(context.stage), step \(context.firstStep + 1), exec)")
      }
      if turn == policy.attempts { break }
      StandardStreams.say("\(subject); it is tried again")
      pause(until: MonotonicClock.now() + policy.backoff(fruitless: fruitless))
    }
    let times = policy.attempts == 1 ? "" : ", \(policy.attempts) times"
    return "\(failure)\(times)\(run.words)"
  }

  private func pause(until time: UInt64) {
    var poller = Poller()
    _ = try? poller.wait(until: time)
  }

  /// A process for each record.
  private func isolate(
    _ batch: BatchView, _ form: AnswerRecords, into buffer: inout BatchBuffer,
    _ lines: inout LineTableBuilder,
    _ errors: inout RecordErrors
  ) throws(StageFailure) {
    StandardStreams.say(
      "the batch from \(place(of: 0, in: batch)) on failed \(policy.attempts) times; each of its records gets a "
        + "process of its own")
    var refused: [LineExchange.Refusal] = []
    for line in 0..<input.count {
      let range = input.start(of: line)..<input.ends[line]
      if let problem = try attempt(range, form, place(of: line, in: batch)) {
        refused.append(.init(line: line, text: problem))
      } else {
        append(form, line: Int(input.offsets[line]), into: &buffer, &lines)
      }
    }
    if refused.isEmpty { return }
    try input.refuse(refused, batch, &errors)
  }

  private func append(
    _ form: AnswerRecords, line: Int, into buffer: inout BatchBuffer, _ lines: inout LineTableBuilder
  ) {
    let count = run.appendRecords(form, into: &buffer)
    for _ in 0..<count { lines.append(line: line) }
  }

  private func place(of line: Int, in batch: BatchView) -> String {
    let file = context.names.name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
    return "\(file):\(batch.provenance.line + UInt64(input.offsets[line]))"
  }
}
