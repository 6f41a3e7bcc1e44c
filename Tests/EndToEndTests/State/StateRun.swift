import Testing

/// Pipelines of the program `StateFixture`, whose steps count by the field `k`, and what they must write.
struct StateRun {
  static let patient = "restart: { max: 1000, within: 1m, backoff: 1ms..5ms }"
  static let program = Repository.stateFixture

  struct Row {
    var key: Int
    var number: Int
    /// More of the record, such as `,"bad":1`.
    var more = ""

    var text: String { "{\"k\":\"key \(key)\",\"n\":\(number)\(more)}" }
  }

  /// Of `count`, or of any stage with state.
  var mode = "everything"
  var method = "fork"
  /// Keys of the stage with state, such as `workers: 2, `.
  var keys = ""
  var rows: [Row] = StateRun.rows(20_000, keys: 300)
  var faults = ""

  static func rows(_ count: Int, keys: Int, seed: UInt64 = 1) -> [Row] {
    var random = Seed(seed)
    return (0..<count).map { Row(key: Int.random(in: 0..<keys, using: &random), number: $0) }
  }

  var pipeline: String {
    """
    dead_letters: { limit: none }
    stages:
      read: { \(Self.patient), source: { file: in.jsonl } }
      count: { \(Self.patient), \(keys)start_method: \(method), steps: [ { use: \(mode) } ] }
      write: { \(Self.patient), sink: { file: out.jsonl } }
    """
  }

  func start(in workspace: Workspace, _ more: String...) throws -> PipelineRunner {
    workspace.write("p.yaml", pipeline)
    return try workspace.start(
      ["run", "p.yaml"] + more, environment: faults.isEmpty ? [:] : ["PROCESSION_FAULTS": faults],
      program: Self.program)
  }

  func complete(in workspace: Workspace) throws -> RunResult {
    workspace.write("in.jsonl", Self.text(rows))
    return try start(in: workspace).finish()
  }

  static func text(_ rows: [Row]) -> [UInt8] { Array(rows.map { $0.text + "\n" }.joined().utf8) }

  /// What a step writes of rows that come in this order.
  static func expected(_ mode: String, _ rows: [Row]) -> [UInt8] {
    var counts: [Int: (count: Int, sum: Int)] = [:]
    var lines: [String] = []
    for row in rows where row.more.isEmpty {
      var known = counts[row.key] ?? (0, 0)
      known.count += 1
      known.sum += row.number
      counts[row.key] = known
      switch mode {
      case "distinct": if known.count == 1 { lines.append(row.text) }
      case "running", "everything":
        lines.append("{\"k\":\"key \(row.key)\",\"n\":\(row.number),\"count\":\(known.count)}")
      default: break
      }
    }
    guard mode == "totals" || mode == "everything" else { return Self.joined(lines) }
    let padding = String(repeating: "0123456789abcdef", count: 256)
    // In the order of the keys' texts, quotes and all.
    for key in counts.keys.sorted(by: {
      Array("\"key \($0)\"".utf8).lexicographicallyPrecedes("\"key \($1)\"".utf8)
    }) {
      let known = counts[key]!
      lines.append(
        "{\"k\":\"key \(key)\",\"total\":\(known.sum),\"count\":\(known.count)"
          + (mode == "everything" ? ",\"pad\":\"\(padding)\"}" : "}"))
    }
    return Self.joined(lines)
  }

  var expected: [UInt8] { Self.expected(mode, rows) }

  private static func joined(_ lines: [String]) -> [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }

  /// Lines in the order of their bytes: where the order is not promised.
  static func sorted(_ bytes: [UInt8]?) -> [String] {
    String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").map(String.init).sorted()
  }
}

/// That a run was complete and wrote these bytes.
func expectComplete(
  _ result: RunResult, _ found: [UInt8]?, _ expected: [UInt8], _ story: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.status == 0, "\(story)\n\(result.errors)", sourceLocation: sourceLocation)
  #expect(
    result.errors.contains("every stage balances"), "\(story)\n\(result.errors)",
    sourceLocation: sourceLocation
  )
  expectSameBytes(found, expected, story + "\n" + result.errors, sourceLocation: sourceLocation)
}
