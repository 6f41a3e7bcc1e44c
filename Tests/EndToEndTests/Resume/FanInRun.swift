import Testing

/// Two sources that meet in one sink, one of them by way of two workers.
struct FanInRun {
  let flights: ManyFlights
  let lines: Int
  var output = "out.jsonl"
  var state = "state"
  /// More keys of the sink's stage.
  var sinkKeys = ""
  /// What makes its way through `clean`.
  var program = "{ flight, origin, late: (.dep_delay > 15) }"
  var workers = 2

  init(flights: Int, lines: Int) {
    self.flights = ManyFlights(times: flights)
    self.lines = lines
  }

  func writeInputs(to workspace: Workspace) {
    _ = flights.write(to: workspace)
    var text = ""
    for number in 0..<lines { text += "{\"number\":\(number),\"text\":\"as long as a line of it may be\"}\n" }
    workspace.write("lines.jsonl", text)
  }

  func start(in workspace: Workspace, _ more: String...) throws -> PipelineRunner {
    workspace.write(
      "p.yaml",
      """
      stages:
        flights: { source: { file: { path: many.csv, csv: { nulls: [NA] } } } }
        lines: { source: { file: lines.jsonl } }
        clean:
          from: flights
          workers: \(workers)
          steps: [ { filter: .dep_delay != null }, { map: "\(program)" } ]
        write: { \(sinkKeys)from: [clean, lines], sink: { file: \(output) } }
      """)
    return try workspace.start(["run", "p.yaml", "--state", state] + more)
  }

  /// What an undisturbed run writes.
  func undisturbed(in workspace: Workspace) throws -> [UInt8] {
    var other = self
    other.output = "undisturbed.jsonl"
    other.state = "undisturbed"
    let result = try other.start(in: workspace).finish()
    precondition(result.status == 0, "the undisturbed run failed:\n\(result.errors)")
    return workspace.read(other.output)!
  }
}
