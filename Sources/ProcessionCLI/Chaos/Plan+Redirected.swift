import PipelineFile

/// Why chaos can't try a pipeline.
struct ChaosRefusal: Error {
  var description: String
}

extension Plan {
  /// The plan with every output in a folder of its own, and every input one that can be read again.
  ///
  /// Returns, beside it, where each sink writes now.
  func redirected(into folder: String) throws(ChaosRefusal) -> (plan: Plan, outputs: [ChaosOutput]) {
    var plan = self
    var outputs: [ChaosOutput] = []
    for index in plan.stages.indices {
      let name = plan.stages[index].name
      switch plan.stages[index].work {
      case .userSource, .steps, .custody, .letters, .deadLetters: break
      case .source(var source):
        if source.files.isEmpty {
          throw ChaosRefusal(
            description: "stage \(name) reads standard input, which can't be read twice; name a file for it")
        }
        // What is there now is what both runs read.
        source.follow = false
        plan.stages[index].work = .source(source)
      case .sink(var sink):
        let output = "\(folder)/\(name)"
        switch sink.target {
        case .discard: continue
        case .user(let use):
          throw ChaosRefusal(
            description: "stage \(name) writes by \(use.name), and what that writes can't be compared; "
              + "try the pipeline with a file for a sink")
        case .standardOutput:
          sink.target = .file(
            FileTarget(path: "\(output)/stdout", shown: "\(name)'s output", existing: .replace))
        case .file(var file):
          file.path = "\(output)/\(file.path.split(separator: "/").last ?? "out")"
          file.existing = .replace
          sink.target = .file(file)
        case .sqlite(var table):
          table.path = "\(output)/\(table.path.split(separator: "/").last ?? "out.db")"
          table.existing = .replace
          sink.target = .sqlite(table)
        }
        outputs.append(
          ChaosOutput(stage: name, workers: plan.stages[index].workers, folder: output, sink: sink))
        plan.stages[index].work = .sink(sink)
      }
    }
    return (plan, outputs)
  }
}

/// Where a sink writes during chaos.
struct ChaosOutput {
  var stage: String
  var workers: Int
  var folder: String
  var sink: SinkPlan

  /// How its outputs are compared.
  var promise: Promise {
    if case .file(let file) = sink.target, file.rotation?.every != nil { return .concatenated }
    return sink.order == .any ? .anyOrder : .bytes
  }

  enum Promise {
    /// Every file byte for byte.
    case bytes
    /// All files of it behind one another, byte for byte: where one ends depends on the time.
    case concatenated
    /// The same records, each as often.
    case anyOrder
  }
}
