import ArgumentParser

/// `procession state`: looks at what pipelines keep between runs.
struct StateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "state", abstract: "List, show or remove the states of pipelines.",
    discussion: """
      A state says how far a pipeline has come, and holds its dead letters. It is needed to go on with a run, \
      and to tell the pipeline's own outputs from others.
      """,
    subcommands: [ListStatesCommand.self, ShowStateCommand.self, RemoveStateCommand.self])
}
