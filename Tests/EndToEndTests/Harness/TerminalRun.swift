import Glibc
import POSIXKit
import TestSupport
import Testing

/// A command at a terminal of its own, which the test looks at and types into.
final class TerminalRun {
  let pid: Int32
  private let terminal: Descriptor
  private let watch: ProcessWatch
  private var shown: [UInt8] = []
  private var isReaped = false
  /// The terminal's settings before the command was started.
  let settings: [UInt32]

  /// What unlockpt and ptsname ask of the kernel, TIOCSPTLCK and TIOCGPTN: Glibc's module has neither.
  private static let unlock: UInt = 0x4004_5431
  private static let number: UInt = 0x8004_5430

  /// Starts it in the workspace's folder, with so many columns and rows.
  init(_ workspace: Workspace, _ arguments: [String], width: UInt16 = 120, height: UInt16 = 40) throws {
    terminal = try Descriptor.open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var isLocked: Int32 = 0
    var number: Int32 = 0
    try #require(ioctl(terminal.raw, Self.unlock, &isLocked) == 0)
    try #require(ioctl(terminal.raw, Self.number, &number) == 0)
    let path = "/dev/pts/\(number)"
    var size = winsize(ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(terminal.raw, UInt(TIOCSWINSZ), &size) == 0)
    settings = Self.settings(of: terminal.raw)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Opened by the leader of a session, it becomes the terminal of that.
    for number: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, number, path, O_RDWR, 0) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    // POSIX_SPAWN_SETSID, which glibc's module does not name.
    posix_spawnattr_setflags(
      &attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let words = ["/usr/bin/env", "-C", workspace.path, Repository.executable] + arguments
    let texts = words.map { strdup($0) } + [nil]
    let environment = ["PATH=/usr/bin:/bin", "XDG_RUNTIME_DIR=\(workspace.runtime)", "TERM=xterm"]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in texts + variables { free(text) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, words[0], &actions, &attributes, texts, variables)
    try #require(error == 0, "\(String(cString: strerror(error)))")
    self.pid = pid
    watch = try ProcessWatch(pid)
    try terminal.setNonblocking()
  }

  deinit {
    if isReaped { return }
    _ = try? watch.signal(SIGKILL)
    waitpid(pid, nil, 0)
  }

  var settingsNow: [UInt32] { Self.settings(of: terminal.raw) }

  private static func settings(of terminal: Int32) -> [UInt32] {
    var found = termios()
    tcgetattr(terminal, &found)
    return [found.c_iflag, found.c_oflag, found.c_cflag, found.c_lflag]
  }

  /// All that was written to the terminal so far.
  func text() -> String {
    var part = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(terminal.raw, &part, part.count)
      // EIO once nobody has the terminal any more.
      if count <= 0 { return String(decoding: shown, as: UTF8.self) }
      shown += part[..<count]
    }
  }

  func waitFor(_ wanted: String) throws {
    try Waiting.until("'\(wanted)' in:\n\(text())") { text().contains(wanted) }
  }

  func type(_ keys: String) { _ = write(terminal.raw, Array(keys.utf8), keys.utf8.count) }

  func resize(width: UInt16, height: UInt16) {
    var size = winsize(ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(terminal.raw, UInt(TIOCSWINSZ), &size)
  }

  func signal(_ number: Int32) throws { try watch.signal(number) }

  /// N for exit status N, -N for signal N.
  func wait() throws -> Int32 {
    if try !watch.waitForEnd(until: MonotonicClock.deadline(after: .seconds(30))) {
      Issue.record("killed after 30 s:\n\(text())")
      try watch.signal(SIGKILL)
    }
    var raw: Int32 = 0
    waitpid(pid, &raw, 0)
    isReaped = true
    return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
  }
}
