import PipelineFile
import ProcessionCLI
import Stages

/// A program that is a pipeline engine with types of its own: the whole `procession` command line, whose
/// pipeline files may `use` what is registered here.
///
/// ```swift
/// import Procession
///
/// Application(steps: ["tidy": Tidy.self]).main()
/// ```
///
/// Every worker is this executable again, and comes to the same ``main()`` first: make the application at the
/// top of `main.swift`, of the same types each time, before anything else is done or printed, and before any
/// thread is started.
public struct Application {
  private let steps: [(name: String, type: any Step.Type)]

  /// Names are what pipeline files `use`.
  public init(steps: KeyValuePairs<String, any Step.Type> = [:]) {
    self.steps = steps.map { ($0.key, $0.value) }
  }

  /// Carries out the command line and ends the process with its exit status. To be called on the first thread.
  public func main() -> Never {
    for step in steps { Self.register(step.type, as: step.name) }
    CommandLineMain.run()
  }

  private static func register<Body: Step>(_ type: Body.Type, as name: String) {
    UserStages.register(
      step: name,
      UserStages.StepType(
        check: { plan in Settings.check(plan) { try Body(settings: $0) } },
        makePart: { plan, context throws(StageFailure) in
          try StepPart(plan, context, Self.make(plan) { try Body(settings: $0) })
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
