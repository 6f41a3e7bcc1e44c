import PipelineFile
import Stages
import TestSupport

extension TemporaryFolder {
  var names: InputNames {
    let source = FileSourcePlan(pattern: "*", position: .test, files: [], format: .lines)
    return InputNames(
      Plan(
        name: "p", file: "p.yaml", directory: "/", vars: [],
        stages: [
          StagePlan(
            name: "read", position: .test, upstream: [], downstream: [], workers: 1,
            requestedStartMethod: .auto, startMethod: .fork, startMethodReason: "", restart: .standard,
            work: .source(source))
        ]))
  }

  func sinkPlan(_ format: FileFormat, existing: SinkPlan.Existing = .own) -> SinkPlan {
    SinkPlan(
      target: .file(FileTarget(path: file("out"), shown: "out", existing: existing)), format: format,
      position: .test)
  }

  /// The file's sink, as a worker makes it from what it stored.
  func sink(_ format: FileFormat, state: [UInt8]?, plan: SinkPlan? = nil) throws -> any StageSink {
    try makeSink(
      plan ?? sinkPlan(format), name: "p/write.0", slot: 0, of: 1, names: names, state: state,
      folder: "", ownerFile: file("owned"),
      standardOutput: 1, intent: 0, noteIntent: { _ in })
  }

  /// The state of a new run.
  func prepare(_ plan: SinkPlan) throws -> [UInt8] {
    try prepareOutput(plan, slot: 0, of: 1, standardOutput: 1, ownerFile: file("owned")).encoded()
  }
}

extension StageSink {
  func write(_ batches: some Sequence<OwnedBatch>) throws {
    var errors = RecordErrors(policy: .fail, worker: "write.0")
    for batch in batches { try batch.withView { try write($0, errors: &errors) } }
  }

  func commit() throws -> [UInt8] { try commit(position: []) }
}
