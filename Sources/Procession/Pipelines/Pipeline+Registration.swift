import PipelineFile
import ProcessionCLI
import Stages

extension Pipeline {
  /// Makes the pipeline and its closures known to the command line.
  func register() {
    for closure in closures {
      var type = UserStages.StepType(
        check: { plan in
          var check = Settings.check(plan) { _ in }
          check.needsFork = true
          return check
        },
        makePart: { plan, context throws(StageFailure) in
          StepPart(plan, context, form: .json, closure.body.run)
        })
      type.isOffered = false
      UserStages.register(step: closure.name, type)
    }
    BuiltPipelines.register(name, document)
  }
}

extension StepDefinition.Body {
  /// Makes the output of a batch, as ``Step/process(_:into:)`` does.
  fileprivate var run: (Batch, inout Output) throws -> Void {
    switch self {
    case .batches(let body): body
    case .records(let body): { try $1.append(each: $0, body) }
    }
  }
}
