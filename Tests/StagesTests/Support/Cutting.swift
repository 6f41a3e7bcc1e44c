import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// A batch and the marks around it.
struct Cut: Equatable {
  var start: InputMark
  var end: InputMark
  var taken: Int
  var batch: OwnedBatch
}

enum Cutting {
  static let headroom = 128

  /// What a source says at a mark: a batch, or nil at the end. The source must not have to wait.
  static func one(_ source: any StageSource, at mark: InputMark) throws -> Cut? {
    var errors = RecordErrors(policy: .fail, worker: "read.0")
    return try one(source, at: mark, &errors)
  }

  static func one(
    _ source: any StageSource, at mark: InputMark, _ errors: inout RecordErrors
  ) throws -> Cut? {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    switch try source.cut(at: mark, headroom: headroom, into: &buffer, errors: &errors) {
    case .end: return nil
    case .wait: preconditionFailure("a file has nothing to wait for")
    case .batch(let cut): return own(cut, source, buffer, mark)
    }
  }

  static func own(
    _ cut: CutBatch, _ source: any StageSource, _ buffer: borrowing BatchBuffer, _ mark: InputMark
  ) -> Cut {
    #expect(buffer.headroom == headroom + source.schema.count)
    var batch = OwnedBatch(
      format: cut.format, framing: cut.framing, recordCount: cut.recordCount, provenance: cut.provenance,
      schema: source.schema, payload: buffer)
    batch.lineTable = cut.lineTable
    return Cut(start: mark, end: cut.end, taken: cut.taken, batch: batch)
  }

  static func all(_ source: any StageSource, from start: InputMark = InputMark()) throws -> [Cut] {
    var cuts: [Cut] = []
    var mark = start
    while let cut = try one(source, at: mark) {
      cuts.append(cut)
      mark = cut.end
    }
    return cuts
  }
}

extension TemporaryFolder {
  func plan(_ names: [String], _ format: FileFormat) -> FileSourcePlan {
    FileSourcePlan(pattern: "*", position: .test, files: names.map(input), format: format)
  }

  /// The batches of a text, as a file source cuts them.
  func batches(_ text: String, _ format: FileFormat, name: String = "in") throws -> [OwnedBatch] {
    write(name, text)
    return try Cutting.all(makeSource(plan([name], format), slot: 0, of: 1, folder: "")).map(\.batch)
  }
}

extension SourcePosition {
  static let test = SourcePosition(file: "p.yaml", line: 3, column: 5)
}
