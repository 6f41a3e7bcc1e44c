import Testing

/// A pipeline of one stage with two workers, over numbers of which some are poison.
struct PoisonRun {
  /// In libjq 1.6 a slice from `nan` on is an assertion that fails.
  static let aborts = "if .n < 0 then [1, 2] | .[nan:1] else { n } end"
  static let assertion = "parse_slice: Assertion"
  static let throwsError = "if .n < 0 then error(\\\"no negative\\\") else { n } end"
  static let neverEnds = "def f: f; if .n < 0 then f else { n } end"

  var program = PoisonRun.aborts
  /// More keys of the stage, such as `on_error: drop, `.
  var keys = ""
  /// Of the pipeline.
  var top = ""
  var records = 3_000
  /// Positions of the poison, counted from 0.
  var poison: [Int] = [1_200, 1_201, 2_500]

  func writeInput(to workspace: Workspace) {
    let wrong = Set(poison)
    var text = ""
    for number in 0..<records { text += wrong.contains(number) ? "{\"n\":-1}\n" : "{\"n\":\(number)}\n" }
    workspace.write("in.jsonl", text)
  }

  /// The output without the poison.
  var expected: String {
    let wrong = Set(poison)
    return (0..<records).filter { !wrong.contains($0) }.map { "{\"n\":\($0)}\n" }.joined()
  }

  func start(in workspace: Workspace, _ more: String...) throws -> PipelineRunner {
    workspace.write(
      "p.yaml",
      """
      \(top)
      stages:
        read: { source: { file: in.jsonl } }
        work:
          { \(keys)workers: 2, restart: { max: 5, within: 1m, backoff: 1ms..5ms }, steps: [ { map: "\(program)" } ] }
        write: { sink: { file: out.jsonl } }
      """)
    return try workspace.start(["run", "p.yaml"] + more)
  }

  func complete(in workspace: Workspace) throws -> RunResult {
    writeInput(to: workspace)
    return try start(in: workspace).finish()
  }

  /// What `dead-letters list` must say of the poison.
  func letters(_ cause: String) -> [String] { poison.map { "work in.jsonl:\($0 + 1) \(cause)" } }
}

extension Workspace {
  /// The dead letters of `p.yaml`, each as `stage file:line cause`, in the order of the input.
  func letters() throws -> [String] { try letters(listedBy: Repository.executable) }

  func letters(listedBy program: String) throws -> [String] {
    let result = try run(["dead-letters", "list", "p.yaml", "--json", "--limit", "0"], program: program)
    #expect(result.status == 0, "\(result.errors)")
    if result.output.isEmpty { return [] }
    let found = try JSONText.object(result.output)["letters"] as? [[String: Any]] ?? []
    let letters = found.map { letter in
      (
        line: letter["line"] as? Int ?? 0,
        text:
          "\(letter["stage"] ?? "") \(letter["file"] ?? ""):\(letter["line"] ?? "") \(letter["cause"] ?? "")"
      )
    }
    return letters.sorted { ($0.line, $0.text) < ($1.line, $1.text) }.map(\.text)
  }
}
