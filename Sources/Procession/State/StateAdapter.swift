import PipelineFile
import Records
import Stages

/// Runs a ``StatefulStep`` as the step of a stage that keeps state.
final class StateAdapter: Stages.StatefulStep {
  private let use: UsePlan
  private let context: PartContext
  private let step: any StatefulStep
  private let table: RecordTable

  init(_ use: UsePlan, _ context: PartContext, _ step: any StatefulStep) {
    self.use = use
    self.context = context
    self.step = step
    table = RecordTable(.json, names: context.names)
  }

  func process(
    _ batch: BatchView, state: StateStore, into output: Stages.StateOutput, errors: inout RecordErrors
  ) throws(StageFailure) {
    try table.read(batch, errors: &errors)
    let records = Batch(table)
    let mine = StateOutput(output)
    for record in records {
      let mark = try output.mark()
      try state.mark()
      mine.line = record.line
      do {
        try step.process(record, state: State(store: state), into: mine)
      } catch {
        if let failure = state.failure { throw failure }
        if let failure = error as? StageFailure { throw failure }
        if Trouble.concernsWorker(error) { throw Trouble.failure(error, use, "can't go on") }
        state.takeBack()
        output.takeBack(to: mark)
        try table.refuse(record.position, "\(error)", step: context.firstStep + 1, to: &errors) { line in
          context.failure("\(error)", step: "use \(use.name)", line: line, in: batch)
        }
      }
    }
  }

  func flush(state: StateStore, into output: Stages.StateOutput) throws(StageFailure) {
    do {
      try step.flush(state: State(store: state), into: StateOutput(output))
    } catch {
      if let failure = state.failure { throw failure }
      if let failure = error as? StageFailure { throw failure }
      throw StageFailure(
        "\(use.position): error: \(use.name) can't write what its state owes: \(error)",
        mayPass: error is Unavailable)
    }
  }
}
