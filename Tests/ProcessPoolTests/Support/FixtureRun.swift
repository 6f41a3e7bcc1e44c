import Glibc
import Multiprocessing
import POSIXKit
import Testing

/// One run of the fixture: the test process makes no pool, it starts this and reads its lines.
final class FixtureRun {
  private(set) var child: StartedProcess
  private(set) var lines: [String] = []
  private(set) var errors: [String] = []
  private(set) var status: Multiprocessing.ExitStatus?
  private var output = OutputLines(bytesPerLine: 1 << 16)
  private var errorOutput = OutputLines(bytesPerLine: 1 << 16)
  /// The fixture's own place for temporary files.
  let folder: TestFolder

  /// Starts a scenario. `argument`: given the folder.
  convenience init(
    _ scenario: String, _ method: StartMethod, argument: ((TestFolder) throws -> String)? = nil
  ) throws {
    let folder = try TestFolder()
    let words = [scenario, method.rawValue, try argument?(folder) ?? folder.path]
    try self.init(words, program: "PoolFixture", in: folder)
  }

  /// Starts a program with one word.
  convenience init(_ word: String, program: String) throws {
    try self.init([word], program: program, in: try TestFolder())
  }

  private init(_ words: [String], program: String, in folder: TestFolder) throws {
    self.folder = folder
    child = try StartedProcess.start(
      program: try Self.path(of: program), arguments: words, environment: Self.environment(folder),
      StartRequest(target: "", name: "fixture"))
  }

  private static func environment(_ folder: TestFolder) -> [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    let libraries = getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=\(String(cString: $0))"] } ?? []
    return ["PATH=\(path)", "TMPDIR=\(folder.path)"] + libraries
  }

  static func path(of program: String) throws -> String {
    var own = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &own, own.count)
    let candidates = [String(decoding: own[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)]
    // Where the tests run inside a helper, the bundle's path is among the arguments.
    let paths = (candidates + CommandLine.arguments).map {
      String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) + "/" + program
    }
    return try #require(paths.first { access($0, X_OK) == 0 }, "\(program) is not built")
  }

  /// Runs a scenario to its end; it must succeed and leave nothing behind. Returns what it printed.
  static func complete(
    _ scenario: String, _ method: StartMethod, argument: ((TestFolder) throws -> String)? = nil
  ) throws -> [String] {
    let run = try FixtureRun(scenario, method, argument: argument)
    try run.wait { run.status != nil }
    #expect(run.status == Multiprocessing.ExitStatus(code: 0), "\(run.lines) \(run.errors)")
    #expect(run.lines.filter { $0.hasPrefix("left: ") } == [])
    #expect(try run.folder.poolFolders() == [])
    return run.lines
  }

  /// Turns until the condition holds; a minute is far more than any scenario needs.
  func wait(until condition: () -> Bool) throws {
    let deadline = MonotonicClock.deadline(after: .seconds(60))
    while !condition() {
      var poller = POSIXKit.Poller()
      child.watch(in: &poller, token: 0)
      let ready = try poller.wait(until: deadline)
      try #require(!ready.isEmpty, "the fixture is stuck after \(lines) \(errors)")
      for fact in try child.facts() {
        switch fact {
        case .output(.standardOutput, let bytes): lines += output.append(bytes).map(\.text)
        case .output(.standardError, let bytes): errors += errorOutput.append(bytes).map(\.text)
        case .exited(let status, _): self.status = status
        default: break
        }
      }
    }
  }
}

/// A folder of a test's own, removed with what is in it.
final class TestFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/pool-test-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit { Self.remove(path) }

  /// The pools' folders that are there.
  func poolFolders() throws -> [String] {
    try namesInFolder(path).filter { $0.hasPrefix("procession-pool") }
  }

  /// Writes an executable script.
  func script(_ text: String, _ name: String = "script") throws -> String {
    let file = try Descriptor.open("\(path)/\(name)", O_CREAT | O_WRONLY, permissions: 0o700)
    try file.writeAll(Array(text.utf8))
    return "\(path)/\(name)"
  }

  private static func remove(_ path: String) {
    for name in (try? namesInFolder(path)) ?? [] {
      if unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
    }
    rmdir(path)
  }
}

/// Waits until something is so; ten seconds are far more than it takes.
func eventually(_ condition: () throws -> Bool) throws -> Bool {
  let deadline = MonotonicClock.deadline(after: .seconds(10))
  while try !condition() {
    if MonotonicClock.now() > deadline { return false }
    usleep(1000)
  }
  return true
}
