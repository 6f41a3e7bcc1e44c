import Coordination
import FoundationEssentials
import Glibc
import Supervisor

/// Puts readings on standard error (or JSON on standard output) in the chosen style.
struct ProgressDrawing {
  private let setup: ProgressSetup
  private var board: ProgressBoard
  /// Lines of the last live drawing, which the next one replaces.
  private var drawnLines = 0

  init(setup: ProgressSetup, board: ProgressBoard) {
    self.setup = setup
    self.board = board
  }

  mutating func say(_ line: String) {
    erase()
    Terminal.printError(line)
  }

  mutating func draw() {
    let reading = board.read()
    switch setup.style {
    case .quiet: return
    case .json: drawJSON(reading)
    case .plain: Terminal.printError(Self.line(reading))
    case .live: drawLive(reading)
    }
  }

  /// Leaves a clean terminal: what the run came to is for the supervisor to tell.
  mutating func finish() { erase() }

  private mutating func erase() {
    if drawnLines == 0 { return }
    Terminal.write("\u{1B}[\(drawnLines)A\u{1B}[J", to: 2)
    drawnLines = 0
  }

  private mutating func drawLive(_ reading: ProgressBoard.Reading) {
    let rows =
      [["stage", "in", "out", "records/s", "workers", "state"]]
      + reading.stages.map { stage in
        [
          stage.name, Figures.grouped(stage.recordsIn), Figures.grouped(stage.recordsOut),
          Figures.grouped(UInt64(max(0, stage.rate))), "\(stage.running)/\(stage.workers)",
          stage.state + (stage.restarts > 0 ? ", \(stage.restarts) restarts" : ""),
        ]
      }
    let width = Self.terminalWidth()
    var lines = Columns.lines(rows, numeric: [1, 2, 3, 4])
    lines.append(Self.bar(reading, width: width))
    erase()
    Terminal.write(lines.map { String($0.prefix(width - 1)) + "\n" }.joined(), to: 2)
    drawnLines = lines.count
  }

  private static func bar(_ reading: ProgressBoard.Reading, width: Int) -> String {
    let time = "\(Figure.fixed(reading.seconds, 1)) s"
    guard reading.inputSize > 0 else { return "\(Figures.bytes(reading.inputDone)) read, \(time)" }
    let part = min(1, Double(reading.inputDone) / Double(reading.inputSize))
    let text =
      " \(Figure.percent(part))  \(Figures.bytes(reading.inputDone)) of "
      + "\(Figures.bytes(reading.inputSize)), \(time)"
    let room = max(10, min(40, width - text.count - 4))
    let full = Int(part * Double(room))
    return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: room - full) + "]" + text
  }

  private static func line(_ reading: ProgressBoard.Reading) -> String {
    let stages = reading.stages.map { stage in
      "\(stage.name) \(Figures.grouped(stage.recordsIn)) in \(Figures.grouped(stage.recordsOut)) out "
        + "\(Figures.grouped(UInt64(max(0, stage.rate))))/s \(stage.running)/\(stage.workers) \(stage.state)"
    }
    let part =
      reading.inputSize > 0
      ? " \(Figure.percent(reading.inputDone, of: reading.inputSize))" : ""
    return "\(Figure.fixed(reading.seconds, 0)) s\(part): " + stages.joined(separator: "; ")
  }

  private func drawJSON(_ reading: ProgressBoard.Reading) {
    struct Stage: Encodable {
      let name, state: String
      let records_in, records_out, restarts: UInt64
      let records_per_second: Double
      let workers, workers_running: Int
    }
    struct Progress: Encodable {
      let schema = "procession.progress/1"
      let pipeline: String
      let elapsed_seconds: Double
      let input_done_bytes, input_size_bytes: UInt64
      let stages: [Stage]
    }
    let progress = Progress(
      pipeline: setup.pipeline, elapsed_seconds: reading.seconds, input_done_bytes: reading.inputDone,
      input_size_bytes: reading.inputSize,
      stages: reading.stages.map {
        Stage(
          name: $0.name, state: $0.state, records_in: $0.recordsIn, records_out: $0.recordsOut,
          restarts: $0.restarts, records_per_second: $0.rate, workers: $0.workers, workers_running: $0.running
        )
      })
    try? Terminal.printJSONLine(progress)
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }
}
