import Control
import Glibc
import POSIXKit

/// Which of the live runs a command means.
struct RunSelection {
  /// Why none is meant: what there is instead.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  let runs: [FoundRun]

  /// `pipeline` is a name, or the path of a file; it may be left out where one run is live.
  func choose(_ pipeline: String?) throws(Refusal) -> FoundRun {
    var fitting = runs
    if let pipeline { fitting = runs.filter { $0.status.map { Self.fits(pipeline, $0) } ?? false } }
    if fitting.count == 1 {
      if fitting[0].status == nil {
        throw Refusal(description: "the run behind \(fitting[0].socket) does not answer")
      }
      return fitting[0]
    }
    if runs.isEmpty {
      throw Refusal(description: "no run of yours is live; '\(ProgramName.current) run FILE' starts one")
    }
    if let pipeline, fitting.isEmpty {
      throw Refusal(description: "no run of '\(pipeline)' is live; live: \(Self.list(runs))")
    }
    let way = pipeline == nil ? "name one by its pipeline or its file" : "name one by its file"
    throw Refusal(description: "\(fitting.count) runs are live: \(Self.list(fitting)); \(way)")
  }

  private static func fits(_ text: String, _ status: RunStatus) -> Bool {
    if text == status.pipeline { return true }
    guard let wanted = resolved(text) else { return false }
    return file(of: status) == wanted
  }

  /// A run's file is named as its user named it, from the folder that the run was started in.
  private static func file(of status: RunStatus) -> String? {
    if status.file.hasPrefix("/") { return resolved(status.file) }
    return resolved("/proc/\(status.pid)/cwd/\(status.file)")
  }

  private static func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  private static func list(_ runs: [FoundRun]) -> String {
    runs.map { run in
      guard let status = run.status else { return "one that does not answer (\(run.socket))" }
      return "\(status.pipeline) (\(status.file), pid \(status.pid))"
    }.joined(separator: ", ")
  }
}
