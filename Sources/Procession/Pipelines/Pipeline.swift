import PipelineFile
import Stages
import Synchronization

/// A pipeline that is written in Swift instead of a file.
///
/// ```swift
/// let late = Pipeline("late")
///   .source("read", .file("flights.csv"))
///   .steps("clean", [
///     .filter(".dep_delay != null"),
///     .each { record, output in
///       if let delay = record.field("dep_delay")?.int { try output.append(["delay": delay]) }
///     },
///   ], ["workers": 2])
///   .sink("write", .file("out/late.jsonl"))
///
/// Application(pipelines: [late]).main()
/// ```
///
/// It is the same document as a file, with the same keys, defaults and checks; what is wrong is told with the
/// place in the Swift file. Each stage reads the one above it unless `from` says otherwise. Relative paths start
/// at the current folder, and nothing is interpolated.
public struct Pipeline: Sendable {
  /// What commands call it.
  public let name: String
  private let position: SourcePosition
  private var top: [SettingNode.Entry] = []
  private var stages: [SettingNode.Entry] = []
  private(set) var closures: [StepDefinition.Closure] = []

  /// `options` are the top-level keys of a pipeline file, such as `vars`, `dead_letters` and `strategy`.
  public init(
    _ name: String, _ options: PipelineValue = [:], file: String = #fileID, line: Int = #line,
    column: Int = #column
  ) {
    self.name = name
    position = SourcePosition(file: file, line: line, column: column)
    top = options.entries(at: position)
  }

  /// Adds a stage that reads from outside. `options` are the other keys of a stage.
  public func source(
    _ name: String, _ source: EndDefinition, _ options: PipelineValue = [:], file: String = #fileID,
    line: Int = #line, column: Int = #column
  ) -> Pipeline {
    adding(
      name, key: "source", from: [], options,
      at: SourcePosition(file: file, line: line, column: column)
    ) { source.node(at: $0) }
  }

  /// Adds a stage of steps. `options` are the other keys of a stage, such as `workers` and `key`.
  public func steps(
    _ name: String, from: [String] = [], _ steps: [StepDefinition], _ options: PipelineValue = [:],
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Pipeline {
    let position = SourcePosition(file: file, line: line, column: column)
    var closures: [StepDefinition.Closure] = []
    let nodes = steps.enumerated().map { index, step in
      step.node(at: position, closureName: "\(self.name)/\(name)/step-\(index + 1)", &closures)
    }
    var pipeline = adding(name, key: "steps", from: from, options, at: position) {
      SettingNode(.list(nodes), position: $0)
    }
    pipeline.closures += closures
    return pipeline
  }

  /// Adds a stage that writes outside. `options` are the other keys of a stage.
  public func sink(
    _ name: String, from: [String] = [], _ sink: EndDefinition, _ options: PipelineValue = [:],
    file: String = #fileID, line: Int = #line, column: Int = #column
  ) -> Pipeline {
    adding(
      name, key: "sink", from: from, options, at: SourcePosition(file: file, line: line, column: column)
    ) { sink.node(at: $0) }
  }

  private func adding(
    _ name: String, key: String, from: [String], _ options: PipelineValue, at position: SourcePosition,
    _ work: (SourcePosition) -> SettingNode
  ) -> Pipeline {
    func entry(_ key: String, _ value: SettingNode) -> SettingNode.Entry {
      SettingNode.Entry(key: key, keyPosition: position, value: value)
    }
    var entries: [SettingNode.Entry] = []
    if !from.isEmpty {
      let names = from.map { SettingNode(.text($0, isPlain: false), position: position) }
      entries.append(entry("from", SettingNode(.list(names), position: position)))
    }
    entries.append(entry(key, work(position)))
    entries += options.entries(at: position)
    var pipeline = self
    pipeline.stages.append(entry(name, SettingNode(.map(entries), position: position)))
    return pipeline
  }

  /// The document that a file would hold.
  var document: SettingNode {
    func entry(_ key: String, _ value: SettingNode) -> SettingNode.Entry {
      SettingNode.Entry(key: key, keyPosition: position, value: value)
    }
    let name = entry("name", SettingNode(.text(name, isPlain: false), position: position))
    let stages = entry("stages", SettingNode(.map(stages), position: position))
    return SettingNode(.map([name] + top + [stages]), position: position)
  }
}
