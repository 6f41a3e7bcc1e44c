import PipelineFile
import Stages

extension Application {
  static func register<Body: Step>(_ type: Body.Type, as name: String) {
    UserStages.register(
      step: name,
      UserStages.StepType(
        check: Body.check,
        makePart: { plan, context throws(StageFailure) in try StepPart(plan, context, Body(plan)) }))
  }

  static func register<Body: StatefulStep>(stateful type: Body.Type, as name: String) {
    UserStages.register(
      step: name,
      UserStages.StepType(
        check: Body.check,
        makeState: { plan, context throws(StageFailure) in
          StateAdapter(plan, context, try Body(plan))
        }))
  }

  static func register<Body: Source>(_ type: Body.Type, as name: String) {
    UserStages.register(
      source: name,
      UserStages.SourceType(
        check: Body.check,
        make: { plan, context throws(StageFailure) in try SourceAdapter(plan, context, Body(plan)) }))
  }

  static func register<Body: LiveSource>(live type: Body.Type, as name: String) {
    UserStages.register(
      source: name,
      UserStages.SourceType(
        check: { plan in
          var check = Body.check(plan)
          check.isEndless = true
          return check
        },
        make: { plan, context throws(StageFailure) in
          try SpoolSource(
            .jsonLines, name: plan.name, folder: "\(context.folder)/\(Spool.folderName)",
            intake: LiveIntake(plan, context, Body(plan)), isEndless: true)
        }))
  }

  static func register<Body: Sink>(_ type: Body.Type, as name: String) {
    UserStages.register(
      sink: name,
      UserStages.SinkType(
        check: Body.check,
        make: { plan, context, state throws(StageFailure) in
          try SinkAdapter(plan, context, state, Body(plan))
        }))
  }
}
