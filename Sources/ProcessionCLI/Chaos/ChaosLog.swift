import FoundationEssentials
import Glibc
import POSIXKit

/// Every kill, written down before it happens: one JSON object a line, in a file and, if asked for, on
/// standard output.
struct ChaosLog: ~Copyable {
  private struct Entry: Encodable {
    let schema = "procession.chaos-kill/1"
    let kill, round: Int
    let victim, target: String
    let pid: Int32
    let elapsed_seconds: Double
  }

  private let file: Descriptor
  private let printsToo: Bool
  private let started = MonotonicClock.now()

  init(path: String, printsToo: Bool) throws(SystemCallError) {
    file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND)
    self.printsToo = printsToo
  }

  mutating func note(kill: Int, victim: ChaosVictim, target: ChaosTargets.Target, round: Int) throws {
    let entry = Entry(
      kill: kill, round: round, victim: victim.rawValue, target: target.name, pid: target.pid,
      elapsed_seconds: Double(MonotonicClock.now() - started) / 1e9)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try file.writeAll(Array(try encoder.encode(entry)) + [UInt8(ascii: "\n")])
    if printsToo { try Terminal.printJSONLine(entry) }
  }
}
