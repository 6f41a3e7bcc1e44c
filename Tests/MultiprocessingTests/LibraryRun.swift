import Multiprocessing
import POSIXKit
import TestSupport
import Testing

/// One run of a program that uses the library, which prints lines `key: value`.
final class LibraryRun {
  let program: ProgramRun

  /// Starts an executable that stands beside the tests.
  init(_ name: String, _ arguments: [String], environment: [String] = []) throws {
    program = try ProgramRun(
      name, arguments, environment: ["PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no"] + environment)
  }

  var output: String { program.output }
  var errors: String { program.errors }
  var lines: [String] { program.lines }
  var status: Int32? { program.status }

  /// A scenario of the fixture.
  convenience init(_ scenario: String, _ method: StartMethod, mistake: String? = nil) throws {
    try self.init(
      "ChildProcessFixture", [scenario, method.rawValue],
      environment: mistake.map { ["FIXTURE_BOOTSTRAP=\($0)"] } ?? [])
  }

  /// Runs a scenario to its end; it must leave nothing behind. A fork server may stay: `servers`.
  static func complete(
    _ scenario: String, _ method: StartMethod, mistake: String? = nil, leaves descriptors: Int? = nil
  ) throws -> LibraryRun {
    let run = try LibraryRun(scenario, method, mistake: mistake)
    try run.end()
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    // A fork server's socket, its channel, and the descriptor that watches it.
    let served = method == .forkserver ? 3 : 0
    #expect(run["descriptors left"] == "\(descriptors ?? served)", "\(run.output)")
    #expect(run["ended children left"] == "0")
    return run
  }

  /// What a line `key: value` says; the first one of its key.
  subscript(_ key: String) -> String? { all(key).first }

  /// What all lines of a key say.
  func all(_ key: String) -> [String] {
    lines.filter { $0.hasPrefix(key + ": ") }.map { String($0.dropFirst(key.count + 2)) }
  }

  func end() throws { try program.end() }

  func wait(until condition: () -> Bool) throws { try program.wait(until: condition) }
}

/// A process that is watched from before its end, so that its number can't be another's.
final class WatchedProcess {
  let watch: ProcessWatch
  init(_ pid: Int32) throws { watch = try ProcessWatch(pid) }

  /// All of those that a line of pids names.
  static func all(_ pids: String) throws -> [WatchedProcess] {
    try pids.split(separator: " ").map { try WatchedProcess(Int32($0)!) }
  }

  /// Waits until it has ended; false after ten seconds.
  func ends() throws -> Bool {
    try watch.waitForEnd(until: MonotonicClock.deadline(after: .seconds(10)))
  }
}
