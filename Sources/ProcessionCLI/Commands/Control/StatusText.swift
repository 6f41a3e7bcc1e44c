import Control
import Supervisor

/// What a run tells of itself, for people.
enum StatusText {
  static func lines(_ status: RunStatus) -> [String] {
    var lines = [
      "\(status.pipeline): \(status.state.rawValue) for \(seconds(status.uptime_seconds)), pid \(status.pid), "
        + "\(status.file)",
      [input(status), inFlight(status.in_flight)].compactMap { $0 }.joined(separator: "; "), "",
    ]
    let heading = ["stage", "role", "start", "workers", "in", "out", "dead", "batches", "restarts", "state"]
    lines += Columns.lines([heading] + status.stages.map(row), numeric: [4, 5, 6, 7, 8])
    let slots = status.stages.flatMap { stage in stage.slots.filter { $0.isShown(of: stage) } }
    lines.append("")
    let slotHeading = ["slot", "state", "pid", "up", "cpu", "memory", "restarts", "in hand"]
    lines += Columns.lines([slotHeading] + slots.map(row), numeric: [2, 3, 4, 5, 6])
    return lines
  }

  private static func row(_ stage: RunStatus.Stage) -> [String] {
    let running = stage.slots.count { $0.state == .running }
    return [
      stage.name, stage.role, stage.start_method, "\(running)/\(stage.workers)",
      Figures.grouped(stage.records_in), Figures.grouped(stage.records_out),
      Figures.grouped(stage.records_dead), Figures.grouped(stage.batches),
      "\(stage.slots.reduce(0) { $0 + $1.restarts })", state(of: stage),
    ]
  }

  private static func row(_ slot: RunStatus.Slot) -> [String] {
    var state = slot.state.rawValue
    if let rest = slot.starts_in_seconds { state += ", starts in \(seconds(rest))" }
    var inHand = slot.in_hand ?? ""
    if !inHand.isEmpty, let time = slot.in_hand_seconds { inHand += " for \(seconds(time))" }
    return [
      slot.name, state, slot.pid.map { "\($0)" } ?? "-", slot.uptime_seconds.map(seconds) ?? "-",
      slot.cpu_seconds.map(seconds) ?? "-",
      slot.memory_bytes.map { Figures.bytes(UInt64(max(0, $0))) } ?? "-",
      "\(slot.restarts)", inHand,
    ]
  }

  /// The state of a stage is that of the worst of its slots.
  static func state(of stage: RunStatus.Stage) -> String {
    let shown = stage.slots.filter { $0.isShown(of: stage) }
    let ranked: [RunStatus.SlotState] = [
      .parked, .backoff, .stopping, .retiring, .starting, .running, .waiting, .over,
    ]
    return ranked.first { state in shown.contains { $0.state == state } }?.rawValue ?? "over"
  }

  static func inFlight(_ inFlight: RunStatus.InFlight) -> String {
    if inFlight.batches == 0 { return "nothing in flight" }
    var text = "\(RunSummary.count(Int(inFlight.batches), "batch", "batches")) in flight"
    if let source = inFlight.oldest_source, let batch = inFlight.oldest_batch {
      text += ", the oldest is batch \(batch) of \(source)"
      if let time = inFlight.oldest_seconds { text += ", for \(seconds(time))" }
    }
    return text
  }

  static func input(_ status: RunStatus) -> String? {
    if status.input_size_bytes == 0 {
      return status.input_done_bytes == 0 ? nil : "\(Figures.bytes(status.input_done_bytes)) read"
    }
    return
      "\(Figure.percent(status.input_done_bytes, of: status.input_size_bytes)) of \(Figures.bytes(status.input_size_bytes)) read"
  }

  /// 0.3 s, 42 s, 7m05s, 3h20m, 2d04h.
  static func seconds(_ value: Double) -> String {
    if value < 10 { return "\(Figure.fixed(value, 1)) s" }
    let whole = Int(min(value, 1e12))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60)m\(two(whole % 60))s"
    case ..<86400: return "\(whole / 3600)h\(two(whole / 60 % 60))m"
    default: return "\(whole / 86400)d\(two(whole / 3600 % 24))h"
    }
  }
}
