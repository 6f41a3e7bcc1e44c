import PipelineFile
import Records

/// What a chain made of a batch.
package struct ChainOutput: Sendable {
  package var format: RecordFormat
  package var framing: Framing
  package var schema: [UInt8]
  package var recordCount: Int
  /// Records that led to no output by the pipeline's will: filtered by its programs, or refused and dropped.
  /// With those that became letters and those that led to output they are all that came in.
  package var filtered: Int

  package init(
    format: RecordFormat, framing: Framing, schema: [UInt8], recordCount: Int, filtered: Int
  ) {
    self.format = format
    self.framing = framing
    self.schema = schema
    self.recordCount = recordCount
    self.filtered = filtered
  }
}

/// Some steps of a chain that are run together over a batch: one batch in, one batch out.
///
/// Made in the worker, after the fork. For one thread.
package protocol ChainPart: AnyObject {
  /// Of each record that the last call made, the index of the record of its input that it came from; never
  /// falling. Empty where nobody asked for it.
  var owners: [UInt32] { get }

  /// Replaces `buffer` by one with `headroom` bytes before the schema, and `lines` by the lines of the output.
  ///
  /// A record that a step refuses goes to `errors` and leads to no output. What this throws ends the run.
  func process(
    _ batch: BatchView, headroom: Int, into buffer: inout BatchBuffer, lines: inout LineTableBuilder,
    errors: inout RecordErrors
  ) throws(StageFailure) -> ChainOutput

  /// Whether ``owners`` tells of each record what it came from. Where it does not, nothing follows the part.
  var tracesRecords: Bool { get }

  /// No batch will come any more: ends what the part has started. What this throws ends the run.
  func finish() throws(StageFailure)
}

extension ChainPart {
  package var tracesRecords: Bool { true }
  package func finish() throws(StageFailure) {}
}

/// What a part is told of its place.
package struct PartContext: Sendable {
  package var stage: String
  /// `clean.0`.
  package var worker: String
  /// How many workers the stage was declared with.
  package var workers: Int
  /// How many steps of the stage stand before the part's.
  package var firstStep: Int
  package var names: InputNames
  /// Whether ``ChainPart/owners`` is asked for: other parts follow.
  package var notesOwners: Bool
  /// Vain turns after which a record is given up, where the part gives records several.
  package var attempts = ErrorPlan.standardAttempts

  package init(
    stage: String, worker: String, workers: Int, firstStep: Int, names: InputNames, notesOwners: Bool
  ) {
    self.stage = stage
    self.worker = worker
    self.workers = workers
    self.firstStep = firstStep
    self.names = names
    self.notesOwners = notesOwners
  }

  /// What ends the run over a record that came from this line of the batch's input file.
  package func failure(_ text: String, step: String, line: UInt64, in batch: BatchView) -> StageFailure {
    let file = names.name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
    return StageFailure("\(file):\(line): error: \(text) (stage \(stage), step \(firstStep + 1), \(step))")
  }
}
