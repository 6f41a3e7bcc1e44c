import Control
import Supervisor

/// The text of `top`, made of a reading: no terminal is needed for it.
struct TopScreen {
  let reading: TopReading

  /// All of it, however long.
  var lines: [String] { header + [""] + stages + [""] + slots }

  /// As much as fits; a line that is cut ends in `…`.
  func fitted(width: Int, height: Int) -> [String] {
    lines.prefix(max(1, height)).map { line in
      line.count <= width ? line : line.prefix(max(0, width - 1)) + "…"
    }
  }

  private var header: [String] {
    let status = reading.status
    let about = [StatusText.input(status), StatusText.inFlight(status.in_flight)].compactMap { $0 }
    return [
      "\(status.pipeline): \(status.state.rawValue) for \(StatusText.seconds(status.uptime_seconds)); "
        + about.joined(separator: "; "),
      bottleneck,
    ]
  }

  private var bottleneck: String {
    guard let found = reading.bottleneck else { return "bottleneck: none" }
    switch found.kind {
    case .absent: return "bottleneck: \(found.stage), of which no worker runs"
    case .input: return "bottleneck: the input: \(found.stage) waits for more"
    case .stage:
      let busy = reading.stages.first { $0.name == found.stage }?.busy ?? 0
      return "bottleneck: \(found.stage), busy \(Figure.percent(busy))"
        + (found.advice.map { "; more workers: \($0)" } ?? "")
    }
  }

  private var stages: [String] {
    let heading = [
      "stage", "workers", "in/s", "out/s", "in", "out", "queue", "busy", "waits in", "waits out", "restarts",
      "state",
    ]
    let rows = reading.stages.map { stage in
      [
        stage.name, "\(stage.running)/\(stage.wanted)", Self.rate(stage.recordsIn),
        Self.rate(stage.recordsOut),
        Self.bytes(stage.bytesIn), Self.bytes(stage.bytesOut), "\(stage.queue)", Figure.percent(stage.busy),
        Figure.percent(stage.inputWait), Figure.percent(stage.outputWait), "\(stage.restarts)", stage.state,
      ]
    }
    return Columns.lines([heading] + rows, numeric: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  }

  private var slots: [String] {
    let heading = ["slot", "state", "pid", "cpu", "memory", "restarts", "in hand"]
    let rows = reading.stages.flatMap(\.slots).map { slot in
      [
        slot.name, slot.state, slot.pid.map { "\($0)" } ?? "-", slot.cpu.map(Figure.percent) ?? "-",
        slot.memory.map { Figures.bytes(UInt64(max(0, $0))) } ?? "-", "\(slot.restarts)", slot.inHand,
      ]
    }
    return Columns.lines([heading] + rows, numeric: [2, 3, 4, 5])
  }

  private static func rate(_ value: Double) -> String { Figures.grouped(UInt64(max(0, value).rounded())) }

  private static func bytes(_ value: Double) -> String {
    Figures.bytes(UInt64(max(0, value).rounded())) + "/s"
  }

}
