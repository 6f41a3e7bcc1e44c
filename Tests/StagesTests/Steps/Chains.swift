import PipelineFile
import Records
import Stages

/// A chain of steps and what it makes of batches.
struct Chain {
  private let chain: StepChain

  init(
    _ steps: [StepPlan], vars: [Plan.Variable] = [], files: [InputFile] = [], tables: [Int: LookupTable] = [:]
  ) throws {
    let source = FileSourcePlan(pattern: "*", position: .test, files: files, format: .lines)
    let plan = Plan(
      name: "p", file: "p.yaml", directory: "/", vars: vars,
      stages: [
        StagePlan(
          name: "read", position: .test, upstream: [], downstream: [], workers: 1,
          requestedStartMethod: .auto,
          startMethod: .fork, startMethodReason: "", restart: .standard, work: .source(source))
      ])
    chain = try StepChain(steps, stage: "clean", plan: plan, tables: tables)
  }

  func callAsFunction(_ batch: OwnedBatch) throws -> OwnedBatch {
    var errors = RecordErrors(policy: .fail, worker: "clean.0")
    return try self(batch, &errors).batch
  }

  /// The same with a policy for errors, and how many records the pipeline wanted to lead to nothing.
  func callAsFunction(
    _ batch: OwnedBatch, _ errors: inout RecordErrors, beforeRecord: ((Int, UInt64) -> Void)? = nil
  ) throws -> (batch: OwnedBatch, filtered: Int) {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    var lines = LineTableBuilder()
    let made = try batch.withView {
      try chain.process(
        $0, headroom: 128, into: &buffer, lines: &lines, errors: &errors, beforeRecord: beforeRecord)
    }
    precondition(buffer.headroom == 128 + made.schema.count)
    var result = OwnedBatch(
      format: made.format, framing: made.framing, recordCount: made.recordCount, provenance: batch.provenance,
      schema: made.schema, payload: buffer)
    if !lines.isIdentity { result.lineTable = lines.withBytes { Array($0) } }
    return (result, made.filtered)
  }

  func finish() throws { try chain.finish() }

  func callAsFunction(_ batches: [OwnedBatch]) throws -> String {
    try batches.map { try self($0).text }.joined()
  }
}

extension StepPlan {
  static func filter(_ program: String) -> StepPlan { .filter(JQPlan(program: program, position: .test)) }

  static func map(_ program: String) -> StepPlan { .map(JQPlan(program: program, position: .test)) }

  static func lookup(
    _ table: InputFile, _ format: FileFormat, key: String, tableKey: String,
    missing: LookupPlan.Missing = .null
  ) -> StepPlan {
    .lookup(
      LookupPlan(
        table: table, format: format, key: JQPlan(program: key, position: .test), tableKey: tableKey,
        field: "found", missing: missing, position: .test))
  }
}

/// The message of what a body throws, or nil.
func failure(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
