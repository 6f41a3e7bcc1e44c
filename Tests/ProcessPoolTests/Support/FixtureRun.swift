import Glibc
import Multiprocessing
import POSIXKit
import TestSupport
import Testing

/// One run of the fixture, or of another program with pools.
final class FixtureRun {
  let program: ProgramRun
  /// The program's own place for temporary files.
  let folder: TemporaryFolder

  /// Starts a scenario. `argument`: given the folder.
  convenience init(
    _ scenario: String, _ method: StartMethod, argument: ((TemporaryFolder) throws -> String)? = nil
  ) throws {
    let folder = TemporaryFolder()
    let words = [scenario, method.rawValue, try argument?(folder) ?? folder.path]
    try self.init(words, program: "PoolFixture", in: folder)
  }

  /// Starts a program with one word.
  convenience init(_ word: String, program: String) throws {
    try self.init([word], program: program, in: TemporaryFolder())
  }

  private init(_ words: [String], program name: String, in folder: TemporaryFolder) throws {
    self.folder = folder
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let libraries = getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\(String(cString: $0))"] } ?? []
    program = try ProgramRun(
      name, words, environment: ["PATH=\(path)", "TMPDIR=\(folder.path)"] + libraries)
  }

  var lines: [String] { program.lines }

  /// Runs a scenario to its end; it must succeed and leave nothing behind. Returns what it printed.
  static func complete(
    _ scenario: String, _ method: StartMethod, argument: ((TemporaryFolder) throws -> String)? = nil
  ) throws -> [String] {
    let run = try FixtureRun(scenario, method, argument: argument)
    try run.program.end()
    #expect(run.program.status == 0, "\(run.lines) \(run.program.errors)")
    #expect(run.lines.filter { $0.hasPrefix("left: ") } == [])
    #expect(run.poolFolders == [])
    return run.lines
  }

  /// The pools' folders that are there.
  var poolFolders: [String] { folder.names().filter { $0.hasPrefix("procession-pool") } }

  /// Waits until the workers are told of; returns their numbers.
  func workers() throws -> [Int32] {
    try program.wait { lines.contains { $0.hasPrefix("workers") } }
    return lines[0].split(separator: " ").compactMap { Int32($0) }
  }

  /// Kills the program, and waits until it and these have ended.
  func kill(andAwait pids: [Int32]) throws {
    try program.child.signal(SIGKILL)
    try program.end()
    try Waiting.until("workers \(pids) to end") { pids.allSatisfy(Self.hasEnded) }
  }

  /// Nobody here reaps what an orphan leaves; that is for the machine's first process.
  private static func hasEnded(_ pid: Int32) -> Bool {
    Glibc.kill(pid, 0) != 0 || (try? ProcessStatistics(of: pid).state) == "Z"
  }
}

extension TemporaryFolder {
  /// Writes an executable script; returns its path.
  func script(_ text: String, _ name: String = "script") -> String {
    write(name, Array(text.utf8), permissions: 0o700)
    return file(name)
  }
}
