import TestSupport
import Testing

/// How `pipelines/flights.yaml` is run: the same file always, varied by an overlay.
struct FlightsRun {
  static let stages = ["read", "clean", "write"]
  static let methods = ["fork", "spawn", "forkserver"]

  var workers = 2
  /// By stage; those without are left to `auto`.
  var methods: [String: String] = [:]
  /// As written behind `restart:`.
  var restart = "{ max: 1000, within: 1m, backoff: 1ms..5ms }"
  var input: String?
  var faults = ""

  /// Every stage started in one way.
  static func all(_ method: String, workers: Int = 2) -> FlightsRun {
    FlightsRun(
      workers: workers, methods: Dictionary(uniqueKeysWithValues: stages.map { ($0, method) }))
  }

  private var overlay: String {
    let stages = Self.stages.map { stage in
      let workers = stage == "clean" ? ", workers: \(workers)" : ""
      return "  \(stage): { start_method: \(methods[stage] ?? "auto"), restart: \(restart)\(workers) }"
    }
    return "stages:\n" + stages.joined(separator: "\n") + "\n"
  }

  /// Starts it with its output in `out.jsonl` and its state in `state`.
  func start(in workspace: Workspace) throws -> PipelineRunner {
    let command = command(in: workspace)
    return try workspace.start(command.arguments, environment: command.environment)
  }

  /// What it is started with.
  func command(
    in workspace: Workspace
  ) -> (arguments: [String], environment: [String: String]) {
    workspace.write("overlay.yaml", overlay)
    var environment = ["OUT": workspace["out.jsonl"]]
    if let input { environment["FLIGHTS"] = workspace[input] }
    if !faults.isEmpty { environment["PROCESSION_FAULTS"] = faults }
    let arguments = [
      "run", Repository.pipeline("flights"), "--overlay", workspace["overlay.yaml"],
      "--state", workspace["state"],
    ]
    return (arguments, environment)
  }

  func complete(
    in workspace: Workspace, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> RunResult {
    try start(in: workspace).finish(sourceLocation: sourceLocation)
  }
}

/// Compares long outputs without printing them.
func expectSameBytes(
  _ found: [UInt8]?, _ expected: [UInt8], _ comment: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let found else {
    Issue.record("there is no output; \(comment())", sourceLocation: sourceLocation)
    return
  }
  let common = found.commonPrefix(with: expected)
  if common == found.count && common == expected.count { return }
  Issue.record(
    "\(found.count) bytes instead of \(expected.count), the first \(common) alike; \(comment())",
    sourceLocation: sourceLocation)
}
