import Stages
import Testing

/// A folder with a pipeline that loses records, and the commands that bring them back.
extension Workspace {
  func replay(
    _ arguments: String..., environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> RunResult {
    try run(
      ["dead-letters", "replay", "p.yaml"] + arguments, environment: environment,
      sourceLocation: sourceLocation)
  }

  /// Runs `p.yaml`, and expects that it is complete with so many letters.
  func runLosing(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let result = try run(["run", "p.yaml", "--quiet"], sourceLocation: sourceLocation)
    #expect(result.status == 0, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(try letters(.dead).count == count, sourceLocation: sourceLocation)
  }

  func letters(_ state: StoredLetter.State? = nil) throws -> [StoredLetter] {
    try DeadLetterStore(existing: self[".procession/p/\(DeadLetterStore.fileName)"])?
      .letters(LetterFilter(state: state)) ?? []
  }

  /// Replaces a text of the pipeline file.
  func mend(_ old: String, with new: String) {
    write("p.yaml", text("p.yaml")!.replacing(old, with: new))
  }

  /// The lines of an output, sorted.
  func sortedLines(_ name: String) -> [String] {
    (text(name) ?? "").split(separator: "\n").map(String.init).sorted()
  }
}
