import ArgumentParser
import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile

// What the command line of the product does, in the same order: registrations, bootstrap, arguments, libraries.
Agent.register()
Preloads.register()
ProcessTargets.bootstrap(arguments: CommandLine.arguments)
let options = Options.parseOrExit()
let plan = Plan(name: "fixture", file: "fixture.yaml", directory: "/", vars: [], stages: [])
precondition(plan.stages.isEmpty)
do {
  try AdoptedProcesses.becomeSubreaper()
  try Scenarios.run(options.scenario, options.method)
} catch {
  emit("error", text: "\(error)")
  exit(1)
}

/// The command line.
struct Options: ParsableArguments {
  @Argument var scenario: String
  @Option(transform: { StartMethod(rawValue: $0)! }) var method: StartMethod
}
