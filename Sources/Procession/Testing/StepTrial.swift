import PipelineFile
import Records
import Stages

/// Runs a step of yours over a few records, without a pipeline: for tests.
///
/// ```swift
/// let trial = try StepTrial(Tidy.self, settings: ["minimum": 5])
/// let result = try trial.run([#"{"amount": 7}"#])
/// #expect(result.records == [#"{"amount":7}"#])
/// ```
///
/// For one thread.
public final class StepTrial {
  /// What came of some records.
  public struct Result: Sendable, Equatable {
    /// The records that the step made, in order.
    public var records: [String]
    /// Those that would be dead letters: their positions among the given ones, from 0, and why.
    public var refused: [Refusal]

    /// A result to compare with.
    public init(records: [String], refused: [Refusal] = []) {
      self.records = records
      self.refused = refused
    }
  }

  /// A record that would be a dead letter.
  public struct Refusal: Sendable, Equatable {
    /// Its position among the given ones, from 0.
    public var position: Int
    /// Why.
    public var reason: String

    /// A refusal to compare with.
    public init(position: Int, reason: String) {
      self.position = position
      self.reason = reason
    }
  }

  /// What is wrong with the settings, as a pipeline file's reader would be told.
  public struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, and what would be right; at least one.
    public var problems: [String]

    /// One a line.
    public var description: String { problems.joined(separator: "\n") }
  }

  private let part: StepPart

  /// Makes and starts the step from its settings, as they would stand under `with`. Throws ``SettingsError``,
  /// and what the step's start throws.
  public init<Body: Step>(_ type: Body.Type, settings: PipelineValue = [:]) throws {
    let position = SourcePosition(file: "settings", line: 1, column: 1)
    let plan = UsePlan(name: "the step", settings: settings.node(at: position), position: position)
    let check = Body.check(plan)
    guard check.problems.isEmpty else {
      throw SettingsError(
        problems: check.problems.map { $0.remedy.isEmpty ? $0.message : "\($0.message); \($0.remedy)" })
    }
    let names = InputNames(Plan(name: "trial", file: "trial", directory: "/", vars: [], stages: []))
    part = try StepPart(
      plan,
      PartContext(
        stage: "trial", worker: "trial.0", workers: 1, firstStep: 0, names: names, notesOwners: false),
      Body(plan))
  }

  /// Hands over records as one batch: JSON texts. Throws what would end the worker or the run.
  public func run(_ records: [String]) throws -> Result {
    var payload = BatchBuffer(capacity: 4096)
    for record in records {
      payload.append(contentsOf: record)
      payload.append(UInt8(ascii: "\n"))
    }
    var buffer = BatchBuffer(capacity: 0)
    var lines = LineTableBuilder()
    var errors = RecordErrors(policy: .deadLetter, worker: "trial.0")
    try payload.withPayload { bytes in
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      let batch = BatchView(
        format: .json, framing: .newline, recordCount: records.count, schema: none, payload: bytes,
        provenance: Provenance(), originStage: 0, lineTable: none)
      _ = try part.process(batch, headroom: 0, into: &buffer, lines: &lines, errors: &errors)
    }
    let text = buffer.withPayload { String(decoding: $0, as: UTF8.self) }
    let refused = errors.takeLetters().map { letter in
      guard case .error(let reason) = letter.cause else { return Refusal(position: 0, reason: "") }
      return Refusal(position: Int(letter.record), reason: reason)
    }
    return Result(records: text.split(separator: "\n").map(String.init), refused: refused)
  }
}
