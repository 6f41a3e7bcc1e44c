import ProcessionCLI

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
  private let statefulSteps: [(name: String, type: any StatefulStep.Type)]
  private let sources: [(name: String, type: any Source.Type)]
  private let liveSources: [(name: String, type: any LiveSource.Type)]
  private let sinks: [(name: String, type: any Sink.Type)]

  private let pipelines: [Pipeline]

  /// Names of types are what pipeline files `use`; the pipelines are those written in Swift, which commands
  /// take by name instead of a file's path. A program with one pipeline and no arguments runs it.
  public init(
    steps: KeyValuePairs<String, any Step.Type> = [:],
    statefulSteps: KeyValuePairs<String, any StatefulStep.Type> = [:],
    sources: KeyValuePairs<String, any Source.Type> = [:],
    liveSources: KeyValuePairs<String, any LiveSource.Type> = [:],
    sinks: KeyValuePairs<String, any Sink.Type> = [:], pipelines: [Pipeline] = []
  ) {
    self.steps = steps.map { ($0.key, $0.value) }
    self.statefulSteps = statefulSteps.map { ($0.key, $0.value) }
    self.sources = sources.map { ($0.key, $0.value) }
    self.liveSources = liveSources.map { ($0.key, $0.value) }
    self.sinks = sinks.map { ($0.key, $0.value) }
    self.pipelines = pipelines
  }

  /// Carries out the command line and ends the process with its exit status. To be called on the first thread.
  public func main() -> Never {
    for step in steps { Self.register(step.type, as: step.name) }
    for step in statefulSteps { Self.register(stateful: step.type, as: step.name) }
    for source in sources { Self.register(source.type, as: source.name) }
    for source in liveSources { Self.register(live: source.type, as: source.name) }
    for sink in sinks { Self.register(sink.type, as: sink.name) }
    for pipeline in pipelines { pipeline.register() }
    CommandLineMain.run()
  }
}
