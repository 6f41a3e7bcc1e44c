import Glibc
import Multiprocessing
import POSIXKit
import Testing

/// One run of a program that uses the library: the test process never forks, it starts this and reads its lines.
final class LibraryRun {
  private(set) var child: StartedProcess
  private(set) var output = ""
  private(set) var errors = ""
  private(set) var status: Int32?

  /// Starts an executable that stands beside the tests.
  init(_ program: String, _ arguments: [String], environment: [String] = []) throws {
    var folder = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &folder, folder.count)
    let own = String(decoding: folder[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Where the tests run inside a helper, the bundle's path is among the arguments.
    let candidates = [own] + CommandLine.arguments
    let paths = candidates.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) + "/" + program }
    let path = try #require(paths.first { access($0, X_OK) == 0 }, "\(program) is not built")
    child = try StartedProcess.start(
      program: path, arguments: arguments,
      environment: ["PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no"] + environment,
      StartRequest(target: "", name: program))
  }

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
    output.split(separator: "\n").filter { $0.hasPrefix(key + ": ") }.map {
      String($0.dropFirst(key.count + 2))
    }
  }

  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Waits for its end.
  func end() throws { try wait { status != nil } }

  /// Turns until the condition holds; a minute is far more than any scenario needs.
  func wait(until condition: () -> Bool) throws {
    let deadline = MonotonicClock.deadline(after: .seconds(60))
    while !condition() {
      var poller = Poller()
      child.watch(in: &poller, token: 0)
      let ready = try poller.wait(until: deadline)
      try #require(!ready.isEmpty, "the program is stuck after \(output) \(errors)")
      for fact in try child.facts() {
        switch fact {
        case .output(.standardOutput, let bytes): output += String(decoding: bytes, as: UTF8.self)
        case .output(.standardError, let bytes): errors += String(decoding: bytes, as: UTF8.self)
        case .exited(let status, _): self.status = status.code
        default: break
        }
      }
    }
  }
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
