import ArgumentParser
import Control

/// The stage of a live run that a tap is about.
struct TapTarget {
  /// The run's control socket, and the folder that it is in.
  var socket: String
  var folder: String
  var stage: String
  /// `clean.1`, where one slot alone is looked at.
  var slot: String?
  var isInput: Bool

  /// Finds `[PIPELINE/]STAGE[.SLOT]` among the runs of this user. `isInput`: nil leaves it to the stage. Prints
  /// what is wrong and ends the command where there is no such thing.
  static func find(_ address: String, isInput: Bool?) throws -> TapTarget {
    let parts = StageAddress(address)
    let runs = RunFinder.runs().compactMap { run in run.status.map { (run.socket, $0) } }
    let meant = runs.filter {
      parts.pipeline == nil || parts.pipeline == $0.1.pipeline || parts.pipeline == $0.1.file
    }
    guard let (socket, status) = meant.first else {
      throw refusal(
        runs.isEmpty
          ? "no pipeline of this user runs"
          : "no pipeline '\(parts.pipeline!)' of this user runs; there are " + names(runs.map(\.1.pipeline)))
    }
    if meant.count > 1 {
      throw refusal(
        "several pipelines run: write PIPELINE/\(address), one of " + names(meant.map(\.1.pipeline)))
    }
    guard let stage = status.stages.first(where: { $0.name == parts.stage }) else {
      throw refusal(
        "there is no stage '\(parts.stage)' in \(status.pipeline); there are "
          + names(status.stages.map(\.name)))
    }
    let slot = parts.slot.map { "\(stage.name).\($0)" }
    if let slot, !stage.slots.contains(where: { $0.name == slot }) {
      throw refusal("stage \(stage.name) has no slot '\(slot)'; there are " + names(stage.slots.map(\.name)))
    }
    let folder = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
    return TapTarget(
      socket: socket, folder: folder, stage: stage.name, slot: slot,
      isInput: try direction(of: stage, isInput))
  }

  /// Nothing of this program comes into a source, or goes out of a sink.
  private static func direction(of stage: RunStatus.Stage, _ wanted: Bool?) throws -> Bool {
    switch stage.role {
    case "source":
      if wanted == true { throw refusal("\(stage.name) is a source: look at what goes out (--out)") }
      return false
    case "sink", "dead-letters":
      if wanted == false { throw refusal("\(stage.name) sends nothing on: look at what comes in (--in)") }
      return true
    default: return wanted ?? false
    }
  }

  static func refusal(_ text: String) -> ExitCode {
    Terminal.printError("error: \(text)")
    return ExitCode(ExitStatusTable.failed)
  }

  private static func names(_ names: [String]) -> String { names.joined(separator: ", ") }
}

/// `[PIPELINE/]STAGE[.SLOT]` taken apart.
package struct StageAddress: Equatable {
  package var pipeline: String?
  package var stage: String
  package var slot: Int?

  package init(_ text: String) {
    var rest = Substring(text)
    if let slash = rest.lastIndex(of: "/") {
      pipeline = String(rest[..<slash])
      rest = rest[rest.index(after: slash)...]
    }
    if let dot = rest.lastIndex(of: "."), let number = Int(rest[rest.index(after: dot)...]), number >= 0 {
      slot = number
      rest = rest[..<dot]
    }
    stage = String(rest)
  }
}
