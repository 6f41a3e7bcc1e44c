import ArgumentParser
import Control
import Supervisor

/// `procession ps`: the live runs of this user.
struct PsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List the live runs of this user.",
    discussion: "Looks for their sockets in XDG_RUNTIME_DIR and /tmp.")

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  /// `procession.runs/1`
  struct Document: Encodable {
    let schema = "procession.runs/1"
    let runs: [RunStatus]
    /// Sockets of runs that did not answer in time.
    let unresponsive: [String]
  }

  func run() throws {
    let runs = RunFinder.runs()
    let live = runs.compactMap(\.status)
    let silent = runs.filter { $0.status == nil }.map(\.socket)
    if json { return try Terminal.printJSON(Document(runs: live, unresponsive: silent)) }
    if runs.isEmpty { return Terminal.printError("no run of yours is live") }
    let heading = ["pipeline", "state", "pid", "up", "workers", "restarts", "read", "in flight", "file"]
    if !live.isEmpty {
      for line in Columns.lines([heading] + live.map(Self.row), numeric: [2, 3, 5, 6, 7]) {
        Terminal.printOutput(line)
      }
    }
    for socket in silent { Terminal.printError("the run behind \(socket) does not answer") }
  }

  private static func row(_ status: RunStatus) -> [String] {
    let slots = status.stages.flatMap(\.slots)
    let known = status.input_size_bytes > 0
    return [
      status.pipeline, status.state.rawValue, "\(status.pid)", StatusText.seconds(status.uptime_seconds),
      "\(slots.count { $0.state == .running })/\(status.stages.reduce(0) { $0 + $1.workers })",
      "\(slots.reduce(0) { $0 + $1.restarts })",
      known
        ? Figure.percent(status.input_done_bytes, of: status.input_size_bytes)
        : Figures.bytes(status.input_done_bytes),
      RunSummary.count(Int(status.in_flight.batches), "batch", "batches"), status.file,
    ]
  }
}
