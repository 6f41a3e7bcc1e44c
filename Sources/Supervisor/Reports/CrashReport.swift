import Coordination
import Delivery
import Logging
import Multiprocessing

/// The death of a worker: who, how, doing what, with what last words, and what happens next; as text for
/// people and as fields for programs.
package struct CrashReport {
  /// What the worker was working on.
  package struct InHand {
    /// Where that is in the input, for people.
    package var place: String
    package var batch: UInt64
    /// Counts the batch's records from 1, where they were worked on one by one.
    package var record: UInt64?

    package init(place: String, batch: UInt64, record: UInt64? = nil) {
      self.place = place
      self.batch = batch
      self.record = record
    }

    /// Nil where the worker's page says that it had nothing.
    init?(_ page: StatisticsPage, described place: String?) {
      guard page[.hasBatch] == 1 else { return nil }
      let record = page[.batchRecord]
      self.init(
        place: place ?? "batch \(page[.batchSequence])", batch: page[.batchSequence],
        record: record == 0 ? nil : record)
    }
  }

  let stage: String
  let name: String
  let pid: Int32?
  let method: StartMethod
  let death: Death
  let usage: ResourceUsage?
  let inHand: InHand?
  let lastLines: [String]

  package init(
    stage: String, name: String, pid: Int32?, method: StartMethod, death: Death, usage: ResourceUsage?,
    inHand: InHand?, lastLines: [String]
  ) {
    self.stage = stage
    self.name = name
    self.pid = pid
    self.method = method
    self.death = death
    self.usage = usage
    self.inHand = inHand
    self.lastLines = lastLines
  }

  /// One record of the log, with the text as its message.
  package func tell(_ logger: Logger) {
    logger.log(
      level: Next(death.consequence).level, "\(lines.joined(separator: "\n"))", metadata: metadata)
  }

  package var lines: [String] {
    let next = Next(death.consequence).text
    var lines = ["\(name) \(end) after \(Figure.seconds(death.uptime)) (\(origin)); \(next)"]
    if let inHand { lines.append("  in hand: \(inHand.place)") }
    if let usage, cpuSeconds > 0 {
      lines.append(
        "  used \(Figure.fixed(cpuSeconds, 2)) s of CPU and at most \(usage.peakResidentBytes >> 20) MiB of memory"
      )
    }
    if !lastLines.isEmpty {
      lines.append("  its last words:")
      lines += lastLines.map { "    \($0)" }
    }
    return lines
  }

  /// Units stand in the names.
  var metadata: Logger.Metadata {
    var facts: Logger.Metadata = [
      "event": "crash", "stage": .string(stage), "slot": .string(name),
      "epoch": .stringConvertible(death.incarnation.epoch), "start_method": .string(method.rawValue),
      "uptime_seconds": .stringConvertible(Double(death.uptime) / 1e9),
      "was_ready": .stringConvertible(death.wasReady),
      "last_lines": .array(lastLines.map { .string($0) }),
    ]
    if let pid { facts["pid"] = .stringConvertible(pid) }
    if let status = death.status {
      if status < 0 {
        facts["signal"] = .string(ExitStatus.name(ofSignal: -status))
      } else {
        facts["exit_status"] = .stringConvertible(status)
      }
    }
    if !death.detail.isEmpty { facts["detail"] = .string(death.detail) }
    if let inHand {
      facts["in_hand"] = .string(inHand.place)
      facts["batch"] = .stringConvertible(inHand.batch)
      if let record = inHand.record { facts["record"] = .stringConvertible(record) }
    }
    if let usage {
      facts["cpu_seconds"] = .stringConvertible(cpuSeconds)
      facts["peak_memory_bytes"] = .stringConvertible(usage.peakResidentBytes)
      facts["dumped_core"] = .stringConvertible(usage.dumpedCore)
    }
    return facts.merging(Next(death.consequence).facts) { $1 }
  }

  private var cpuSeconds: Double {
    usage.map { Double($0.userMicroseconds + $0.systemMicroseconds) / 1e6 } ?? 0
  }

  private var origin: String { "started by \(method.rawValue)" + (pid.map { ", pid \($0)" } ?? "") }

  private var end: String {
    guard let status = death.status else { return "could not be started: \(death.detail)" }
    let detail = death.detail.isEmpty ? "" : " (\(death.detail))"
    if status < 0 { return "was killed by \(ExitStatus.name(ofSignal: -status))\(detail)" }
    return "left with status \(status)\(detail)"
  }
}
