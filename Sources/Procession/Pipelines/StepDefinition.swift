import PipelineFile

/// A step of a pipeline that is written in Swift.
public struct StepDefinition: Sendable {
  /// A closure, registered under a name that only its pipeline uses.
  struct Closure: Sendable {
    var name: String
    var body: Body
  }

  enum Body: Sendable {
    case records(@Sendable (Record, inout Output) throws -> Void)
    case batches(@Sendable (Batch, inout Output) throws -> Void)
  }

  private enum Kind: Sendable {
    case value(PipelineValue)
    case closure(Body)
  }

  private let kind: Kind

  /// Keeps the records for which a jq program is true.
  public static func filter(_ program: String) -> StepDefinition {
    StepDefinition(kind: .value(["filter": .text(program)]))
  }

  /// Makes of each record what a jq program says.
  public static func map(_ program: String) -> StepDefinition {
    StepDefinition(kind: .value(["map": .text(program)]))
  }

  /// Joins one record of a table; keys as in a file: `table`, `key`, `as`, `missing`.
  public static func lookup(_ options: PipelineValue) -> StepDefinition {
    StepDefinition(kind: .value(["lookup": options]))
  }

  /// An external program; keys as in a file: `command`, `per`, `deadline`.
  public static func exec(_ options: PipelineValue) -> StepDefinition {
    StepDefinition(kind: .value(["exec": options]))
  }

  /// A type that the application registers, with its settings.
  public static func use(_ name: String, _ settings: PipelineValue = [:]) -> StepDefinition {
    StepDefinition(kind: .value(["use": .text(name), "with": settings]))
  }

  /// A closure that is handed single records, as a ``RecordStep`` is. Each worker has a copy of what it
  /// captures, as it was when the run began; its stage's start method is `fork`.
  public static func each(
    _ body: @escaping @Sendable (_ record: Record, _ output: inout Output) throws -> Void
  ) -> StepDefinition {
    StepDefinition(kind: .closure(.records(body)))
  }

  /// A closure that is handed batches, as a ``Step`` is.
  public static func batches(
    _ body: @escaping @Sendable (_ batch: Batch, _ output: inout Output) throws -> Void
  ) -> StepDefinition {
    StepDefinition(kind: .closure(.batches(body)))
  }

  func node(
    at position: SourcePosition, closureName name: String, _ closures: inout [Closure]
  ) -> SettingNode {
    switch kind {
    case .value(let value): return value.node(at: position)
    case .closure(let body):
      closures.append(Closure(name: name, body: body))
      return PipelineValue.map([(key: "use", value: .text(name))]).node(at: position)
    }
  }
}

/// A source or a sink of a pipeline that is written in Swift.
public struct EndDefinition: Sendable {
  private let value: PipelineValue

  /// A file, or of a source a pattern or `-`; `options` are the other keys under `file`.
  public static func file(_ path: String, _ options: PipelineValue = [:]) -> EndDefinition {
    EndDefinition(value: ["file": .map([(key: "path", value: .text(path))] + options.pairs)])
  }

  /// A table of a database, for sinks; `options` are the other keys under `sqlite`.
  public static func sqlite(_ path: String, _ options: PipelineValue = [:]) -> EndDefinition {
    EndDefinition(value: ["sqlite": .map([(key: "path", value: .text(path))] + options.pairs)])
  }

  /// Standard output, for sinks; `options` are the keys under `stdout`.
  public static func standardOutput(_ options: PipelineValue = [:]) -> EndDefinition {
    EndDefinition(value: ["stdout": options])
  }

  /// Nowhere, for sinks.
  public static let discard = EndDefinition(value: ["discard": [:]])

  /// A type that the application registers, with its settings.
  public static func use(_ name: String, _ settings: PipelineValue = [:]) -> EndDefinition {
    EndDefinition(value: ["use": .text(name), "with": settings])
  }

  func node(at position: SourcePosition) -> SettingNode { value.node(at: position) }
}

extension PipelineValue {
  /// The entries of a mapping; of anything else, none.
  fileprivate var pairs: [(key: String, value: PipelineValue)] {
    guard case .map(let entries) = self else { return [] }
    return entries
  }
}
