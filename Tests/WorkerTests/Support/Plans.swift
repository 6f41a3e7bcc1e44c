import PipelineFile

/// Plans without a pipeline file.
enum Plans {
  static let position = SourcePosition(file: "p.yaml", line: 1, column: 1)

  static func stage(
    _ name: String, _ work: StageWork, workers: Int = 1, from upstream: [Int], to downstream: [Int]
  ) -> StagePlan {
    StagePlan(
      name: name, position: position, upstream: upstream, downstream: downstream, workers: workers,
      requestedStartMethod: .auto, startMethod: .fork, startMethodReason: "", restart: .standard, work: work)
  }

  /// read -> clean (3 workers) -> write, all; read -> all.
  static func diamond(output: String) -> Plan {
    let source = FileSourcePlan(pattern: "in", position: position, files: [], format: .lines)
    let sink = SinkPlan(
      target: .file(FileTarget(path: output, shown: "out", existing: .own)), format: .lines,
      position: position)
    return Plan(
      name: "p", file: "p.yaml", directory: "/", vars: [],
      stages: [
        stage("all", .sink(sink), from: [1, 2], to: []),
        stage("read", .source(source), from: [], to: [0, 2]),
        stage("clean", .steps([]), workers: 3, from: [1], to: [0]),
      ])
  }
}
