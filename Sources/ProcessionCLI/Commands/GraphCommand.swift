import ArgumentParser
import PipelineFile

/// `procession graph`: shows the stages and what joins them.
struct GraphCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, dot }

  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Show a pipeline's stages, as text or for Graphviz.")

  @OptionGroup var options: PipelineOptions

  @Option(name: .long, help: "text or dot (for Graphviz: procession graph --format dot FILE | dot -Tsvg).")
  var format = Format.text

  func run() throws {
    let loaded = try options.load()
    if options.json { return try Terminal.printJSON(PlanDocument(loaded)) }
    switch format {
    case .text: Terminal.printOutput(GraphText.text(loaded.plan))
    case .dot: Terminal.printOutput(GraphText.dot(loaded.plan))
    }
  }
}
