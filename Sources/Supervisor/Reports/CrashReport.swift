import Delivery
import Multiprocessing

/// The death of a worker in words: who, how, doing what, with what last words, and what happens next.
package struct CrashReport {
  var name: String
  var pid: Int32?
  var method: StartMethod
  var death: Death
  var usage: ResourceUsage?
  var batch: String?
  var lastLines: [String]

  package init(
    name: String, pid: Int32?, method: StartMethod, death: Death, usage: ResourceUsage?, batch: String?,
    lastLines: [String]
  ) {
    self.name = name
    self.pid = pid
    self.method = method
    self.death = death
    self.usage = usage
    self.batch = batch
    self.lastLines = lastLines
  }

  package var lines: [String] {
    var lines = ["\(name) \(end) after \(Self.seconds(death.uptime)) (\(origin)); \(next)"]
    if let batch { lines.append("  in hand: \(batch)") }
    let cpu = usage.map { Double($0.userMicroseconds + $0.systemMicroseconds) / 1e6 } ?? 0
    if let usage, cpu > 0 {
      lines.append(
        "  used \(Self.rounded(cpu)) s of CPU and at most \(usage.peakResidentBytes >> 20) MiB of memory")
    }
    if !lastLines.isEmpty {
      lines.append("  its last words:")
      lines += lastLines.map { "    \($0)" }
    }
    return lines
  }

  private var origin: String { "started by \(method.rawValue)" + (pid.map { ", pid \($0)" } ?? "") }

  private var end: String {
    guard let status = death.status else { return "could not be started: \(death.detail)" }
    let detail = death.detail.isEmpty ? "" : " (\(death.detail))"
    if status < 0 { return "was killed by \(ExitStatus.name(ofSignal: -status))\(detail)" }
    return "left with status \(status)\(detail)"
  }

  private var next: String {
    switch death.consequence {
    case .restart(let delay, let count, let max, let window):
      "restarting in \(delay / 1_000_000) ms, \(count) of \(max) within \(window / 1_000_000_000) s"
    case .isolating(let delay):
      "restarting in \(delay / 1_000_000) ms; the batch in hand ended a worker before, and is looked into"
    case .excused: "restarting at once; it was killed on purpose"
    case .parked(let max, let window):
      "it is left alone: more than \(max) restarts within \(window / 1_000_000_000) s"
    case .tooMany(let max, let window):
      "the pipeline stops: more than \(max) restarts within \(window / 1_000_000_000) s"
    case .notReplaced: "the pipeline stops: the restart policy does not replace it"
    case .stopping: "the pipeline is stopping"
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    "\(rounded(Double(nanoseconds) / 1e9)) s"
  }

  /// Two decimals, without a formatter.
  private static func rounded(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
