import ArgumentParser
import Coordination
import Glibc
import POSIXKit
import Stages
import Worker

/// `procession state list`: all states that lie beside pipeline files.
struct ListStatesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the states of the pipelines in a folder.")

  @Option(
    name: .long, help: "The folder that the pipeline files are in (default: this one).",
    completion: .directory)
  var folder = "."

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  func run() throws {
    let parent = "\(folder)/.procession"
    let names: [String]
    do {
      names = access(parent, F_OK) == 0 ? try namesInFolder(parent).sorted() : []
    } catch {
      Terminal.printError("error: the states can't be listed: \(error)")
      throw ExitCode(ExitStatusTable.failed)
    }
    if access(folder, F_OK) != 0 {
      Terminal.printError("error: there is no folder \(folder)")
      throw ExitCode(ExitStatusTable.usage)
    }
    let reports = names.filter { StateReading.isState("\(parent)/\($0)") }.map {
      StateReport("\(parent)/\($0)", name: $0)
    }
    if json {
      return try Terminal.printJSON(StatesDocument(folder: parent, states: reports.map(StateDocument.init)))
    }
    if reports.isEmpty { return Terminal.printError("no states in \(parent)") }
    let heading = ["name", "run", "begun", "read", "written", "dead letters"]
    for line in Columns.lines([heading] + reports.map(Self.row), numeric: [3, 4, 5]) {
      Terminal.printOutput(line)
    }
  }

  private static func row(_ report: StateReport) -> [String] {
    [
      report.name, report.standing + (report.isInUse ? ", in use" : ""),
      report.reading.history.map { WallClock.text($0.beganAt) } ?? "-",
      report.percentRead.map { "\($0) %" } ?? "-", Figures.grouped(report.records),
      report.letters == nil ? "?" : Figures.grouped(UInt64(report.count(.dead) + report.count(.replaying))),
    ]
  }
}
