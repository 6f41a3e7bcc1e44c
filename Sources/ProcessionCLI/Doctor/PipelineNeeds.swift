import PipelineFile
import Worker

/// What a pipeline needs of the machine.
struct PipelineNeeds {
  /// A file that is written, or the stem of a family of them.
  struct Output: Equatable {
    var path: String
    var shown: String
    var folder: String
  }

  /// Files that are read, lookup tables among them.
  let inputs: [InputFile]
  let outputs: [Output]
  let workers: Int
  let descriptors: Int
  /// Bytes: each source's window, as much for each worker that keeps state, and what a worker holds of its own.
  let memory: UInt64

  private static let windowOfSource: UInt64 = 64 << 20
  private static let memoryOfWorker: UInt64 = 16 << 20

  init(_ plan: Plan) {
    var inputs: [InputFile] = []
    var outputs: [Output] = []
    var sources = 0
    for stage in plan.stages {
      switch stage.work {
      case .source(let source):
        inputs += source.files
        sources += stage.workers
      case .userSource, .letters, .custody: sources += stage.workers
      case .steps(let steps):
        for case .lookup(let lookup) in steps { inputs.append(lookup.table) }
      case .sink(let sink):
        switch sink.target {
        case .file(let file): outputs += Self.outputs(file, workers: stage.workers)
        case .sqlite(let table): outputs.append(Self.output(table.path, shown: table.shown))
        case .standardOutput, .discard, .user: break
        }
      case .deadLetters: break
      }
    }
    self.inputs = inputs
    self.outputs = outputs
    workers = plan.stages.reduce(0) { $0 + $1.workers }
    descriptors = DescriptorNeed.of(plan, plan.topology)
    memory = UInt64(sources) * Self.windowOfSource + UInt64(workers) * Self.memoryOfWorker
  }

  private static func outputs(_ file: FileTarget, workers: Int) -> [Output] {
    let isRotated = file.rotation != nil
    let names = OutputNames(path: file.path, workers: workers, isRotated: isRotated)
    let shown = OutputNames(path: file.shown, workers: workers, isRotated: isRotated)
    return (0..<workers).map { output(names.path(worker: $0), shown: shown.path(worker: $0)) }
  }

  private static func output(_ path: String, shown: String) -> Output {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    return Output(path: path, shown: shown, folder: slash == path.startIndex ? "/" : String(path[..<slash]))
  }
}
