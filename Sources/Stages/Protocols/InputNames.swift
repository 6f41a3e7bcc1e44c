import PipelineFile
import Records

/// Names of input files, for messages about records that came from them.
package struct InputNames: Sendable {
  /// By stage, then by file; empty for stages that are no sources.
  private let names: [[String]]

  package init(_ plan: Plan) {
    names = plan.stages.map { stage in
      switch stage.work {
      case .source(let source):
        return source.files.isEmpty ? ["standard input"] : source.files.map(\.shown)
      case .letters(let letters): return letters.files
      case .userSource(let source): return [source.use.name]
      case .steps, .custody, .sink, .deadLetters: return []
      }
    }
  }

  package func name(stage: Int, file: Int) -> String {
    guard names.indices.contains(stage), names[stage].indices.contains(file) else { return "input" }
    return names[stage][file]
  }

  /// `file:line` of a record, given by its index in the batch and its line in the payload.
  func place(of record: Int, payloadLine: Int, in batch: BatchView) -> String {
    let offset =
      batch.lineTable.isEmpty ? payloadLine : LineTableReader.line(of: record, in: batch.lineTable) ?? 0
    let file = name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
    return "\(file):\(batch.provenance.line + UInt64(offset))"
  }

  /// What ends the run over a record that came from this line of its input file.
  package func failure(_ text: String, line: UInt64, in batch: BatchView) -> StageFailure {
    let file = name(stage: Int(batch.originStage), file: Int(batch.provenance.file))
    return StageFailure("\(file):\(line): error: \(text)")
  }

  func failure(_ error: RecordError, in batch: BatchView) -> StageFailure {
    StageFailure("\(place(of: error.record, payloadLine: error.line, in: batch)): error: \(error)")
  }
}
