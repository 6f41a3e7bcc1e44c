import Coordination
import Foundation
import POSIXKit

/// A run of `procession` that follows a file, and is looked at and disturbed from outside.
final class LiveRun {
  let pid: pid_t
  let pages: PagesOfRun
  let log: String
  private let errors: String

  /// Starts it and waits until so many workers are ready.
  init(
    _ procession: ProcessionExecutable, pipeline: String, name: String, workers: Int,
    scratch: ScratchFolder
  ) throws {
    let folder = try scratch.folder(name)
    log = folder + "/log"
    errors = folder + "/errors"
    try "".write(toFile: log, atomically: false, encoding: .utf8)
    let file = try scratch.write(
      pipeline.replacingOccurrences(of: "LOG", with: log), to: "\(name)/\(name).yaml")
    pid = try MeasuredProcess.spawn(
      [procession.path, "run", "--fresh", "--quiet", file], environment: [:], log: errors)
    var found: PagesOfRun?
    let deadline = MonotonicClock.deadline(after: .seconds(30))
    while true {
      found = found ?? PagesOfRun(supervisor: pid)
      if let found, found.countOfRunning >= workers { break }
      var status: Int32 = 0
      let ended = waitpid(pid, &status, WNOHANG) == pid
      guard !ended, MonotonicClock.now() < deadline else {
        if !ended { kill(pid, SIGKILL) }
        throw BenchmarkError("\(name) does not get ready:\n\(Self.text(errors))")
      }
      usleep(1000)
    }
    pages = found!
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  /// Drains it, and expects that it ends well.
  func end() throws {
    kill(pid, SIGTERM)
    let deadline = MonotonicClock.deadline(after: .seconds(30))
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) == 0 {
      if MonotonicClock.now() > deadline {
        kill(pid, SIGKILL)
        throw BenchmarkError("the run does not end:\n\(Self.text(errors))")
      }
      usleep(1000)
    }
    guard status == 0 else { throw BenchmarkError("the run ended badly:\n\(Self.text(errors))") }
  }
}
