import Glibc
import POSIXKit
import TestSupport
import Testing

/// One start of `procession` in a workspace. Its streams go to files there, so that nothing ever blocks.
final class PipelineRunner {
  let pid: Int32
  private let workspace: Workspace
  private let outputPath: String
  private let errorPath: String
  private let watch: ProcessWatch
  private var isReaped = false

  /// `input` is a file for standard input. A program other than `procession` is named by `program`.
  init(
    _ workspace: Workspace, _ program: String, _ arguments: [String], environment: [String: String],
    input: String
  ) throws {
    self.workspace = workspace
    let number = workspace.nextNumber()
    outputPath = "\(workspace.streams)/\(number).out"
    errorPath = "\(workspace.streams)/\(number).err"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, flags, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, flags, 0o644)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    // `env` becomes the program: the same process, in the workspace's folder.
    let words = ["/usr/bin/env", "-C", workspace.path, program] + arguments
    let texts = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in texts + variables { free(text) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, words[0], &actions, &attributes, texts, variables)
    try #require(error == 0, "\(program): \(String(cString: strerror(error)))")
    self.pid = pid
    watch = try ProcessWatch(pid)
  }

  deinit {
    // Another run in the same workspace may still go on.
    if isReaped { return }
    killAll()
    waitpid(pid, nil, 0)
  }

  /// The run's processes without the supervisor itself.
  var workers: [RunProcess] { workspace.processes.filter { $0.pid != pid } }

  /// Lines that are on standard output by now.
  var outputLines: Int { (FileBytes.read(outputPath) ?? []).count { $0 == 0x0A } }

  var errors: String { String(decoding: FileBytes.read(errorPath) ?? [], as: UTF8.self) }

  /// What came on standard output so far.
  var output: String { String(decoding: FileBytes.read(outputPath) ?? [], as: UTF8.self) }

  /// False once the first process has ended, reaped or not.
  var isRunning: Bool { (try? watch.waitForEnd(until: 0)) == false }

  func signal(_ number: Int32) throws { try watch.signal(number) }

  func killAll() {
    if !isReaped { _ = try? watch.signal(SIGKILL) }
    for process in workspace.processes { process.kill() }
  }

  /// Waits for text on standard error.
  func waitForErrors(containing text: String, within span: Duration = .seconds(30)) throws {
    try Waiting.until("'\(text)' in:\n\(errors)", within: span) {
      errors.contains(text) || !isRunning
    }
    try #require(errors.contains(text), "the run ended without '\(text)':\n\(errors)")
  }

  /// Waits until the run has ended, and reaps it. One that outlives the deadline is killed, which its status
  /// tells.
  func wait(within span: Duration = .seconds(60)) throws -> RunResult {
    if try !watch.waitForEnd(until: MonotonicClock.deadline(after: span)) {
      Issue.record("killed after \(span), with \(workspace.processes.map(\.name)):\n\(errors)")
      killAll()
    }
    var raw: Int32 = 0
    waitpid(pid, &raw, 0)
    isReaped = true
    let status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
    return RunResult(status: status, output: FileBytes.read(outputPath) ?? [], errors: errors)
  }

  /// Waits, then expects that nothing of the run is left: no process, no socket.
  func finish(
    within span: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> RunResult {
    let result = try wait(within: span)
    workspace.expectNothingLeft(sourceLocation)
    return result
  }
}
