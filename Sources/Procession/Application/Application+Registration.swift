import PipelineFile
import Stages

extension Application {
  static func register<Body: Step>(_ type: Body.Type, as name: String) {
    UserStages.register(
      step: name,
      UserStages.StepType(
        check: { plan in Settings.check(plan) { try Body(settings: $0) } },
        makePart: { plan, context throws(StageFailure) in
          try StepPart(plan, context, make(plan) { try Body(settings: $0) })
        }))
  }

  static func register<Body: StatefulStep>(stateful type: Body.Type, as name: String) {
    UserStages.register(
      step: name,
      UserStages.StepType(
        check: { plan in Settings.check(plan) { try Body(settings: $0) } },
        makeState: { plan, context throws(StageFailure) in
          StateAdapter(plan, context, try make(plan) { try Body(settings: $0) })
        }))
  }

  static func register<Body: Source>(_ type: Body.Type, as name: String) {
    UserStages.register(
      source: name,
      UserStages.SourceType(
        check: { plan in Settings.check(plan) { try Body(settings: $0) } },
        make: { plan, context throws(StageFailure) in
          try SourceAdapter(plan, context, make(plan) { try Body(settings: $0) })
        }))
  }

  static func register<Body: LiveSource>(live type: Body.Type, as name: String) {
    UserStages.register(
      source: name,
      UserStages.SourceType(
        check: { plan in
          var check = Settings.check(plan) { try Body(settings: $0) }
          check.isEndless = true
          return check
        },
        make: { plan, context throws(StageFailure) in
          let source = try make(plan) { try Body(settings: $0) }
          return try SpoolSource(
            .jsonLines, name: plan.name, folder: "\(context.folder)/\(Spool.folderName)",
            intake: LiveIntake(plan, context, source), isEndless: true)
        }))
  }

  static func register<Body: Sink>(_ type: Body.Type, as name: String) {
    UserStages.register(
      sink: name,
      UserStages.SinkType(
        check: { plan in Settings.check(plan) { try Body(settings: $0) } },
        make: { plan, context, state throws(StageFailure) in
          try SinkAdapter(plan, context, state, make(plan) { try Body(settings: $0) })
        }))
  }

  /// Makes a value whose settings were checked before anything was started.
  private static func make<Body>(
    _ plan: UsePlan, _ make: (Settings) throws -> Body
  ) throws(StageFailure) -> Body {
    do { return try make(Settings(reader: SettingsReader(plan))) } catch {
      throw StageFailure("\(plan.position): error: \(plan.name): \(error)")
    }
  }
}
