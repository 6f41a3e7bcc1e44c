import Glibc
import POSIXKit
import PipelineFile
import Stages

/// Why a pipeline's state can't be used.
package enum RunStateError: Error, CustomStringConvertible {
  /// Another run has it: the processes that hold its lock.
  case inUse(folder: String, pids: [Int32])
  /// The pipeline or its input is not what the state was made by.
  case changed(folder: String, changes: [String])
  /// A replay of dead letters was begun and has not ended; `file` is the pipeline's.
  case replayUnfinished(file: String, reason: String)
  /// Letters can't be put back in: why.
  case notReplayable([String])
  case failed(String)

  package var description: String {
    switch self {
    case .inUse(let folder, let pids):
      "the state in \(folder) is in use by another run"
        + (pids.isEmpty ? "" : " (pid \(pids.map(String.init).joined(separator: ", ")))")
        + "; wait for it, or keep this run's state elsewhere with --state"
    case .changed(let folder, let changes):
      "the run whose state is in \(folder) can't be gone on with:\n"
        + changes.map { "  \($0)\n" }.joined() + "undo that, or start over with --fresh"
    case .replayUnfinished(let file, let reason):
      "\(reason); finish it with 'procession dead-letters replay \(file)', "
        + "or give it up together with what the run has done (procession run --fresh)"
    case .notReplayable(let reasons):
      "the dead letters can't be put back in:\n" + reasons.map { "  \($0)" }.joined(separator: "\n")
    case .failed(let text): text
    }
  }
}

/// A pipeline's state folder, locked for one run.
///
///     format           version of this layout
///     lock             locked by the run and all its workers
///     run              the folder of the run's sockets
///     plan.json        the plan of the run, canonical
///     journal          what the supervisor must remember of the run; none: nothing to go on with
///     slots/<slot>/    what each worker keeps: `position`, for a sink `owned`, for a source whose cuts
///                      depend on when its input came `boundaries`, and what it spools in `spool/`
///     log              what a detached run says, and before that `log.1` to `log.4`
///     replay/          the run of a replay of dead letters that has not been concluded: see `ReplayFolder`
package struct RunState: ~Copyable {
  private static let format = "1\n"

  package let folder: String
  package let lock: FileLock
  /// Folder of the run's sockets: short, mode 0700, removed by ``removeSockets()``.
  package let socketFolder: String

  private init(folder: String, lock: consuming FileLock, socketFolder: String) {
    self.folder = folder
    self.lock = lock
    self.socketFolder = socketFolder
  }

  /// Locks the folder, making it where it is missing. An earlier run's workers, which may outlive their
  /// supervisor by a second, are waited for.
  package static func open(_ folder: String) throws(RunStateError) -> RunState {
    do {
      try Self.makeFolder(folder)
      let lock = try Self.lock(folder)
      if let found = try? textOfSystemFile("\(folder)/format"), found != Self.format {
        throw RunStateError.failed(
          "the state in \(folder) has format \(found.split(separator: "\n").first ?? ""), "
            + "and this version knows format 1; move it away")
      }
      if let stale = try? textOfSystemFile("\(folder)/run") { Self.removeSockets(in: stale) }
      try Self.write(Self.format, to: "\(folder)/format")
      // Noted before it is made: whoever dies in between leaves nothing that the next run does not know of.
      let socketFolder = Self.newSocketFolder()
      try Self.write(socketFolder, to: "\(folder)/run")
      if mkdir(socketFolder, 0o700) != 0 {
        let error = SystemCallError.last("mkdir", socketFolder)
        unlink("\(folder)/run")
        throw error
      }
      return RunState(folder: folder, lock: lock, socketFolder: socketFolder)
    } catch let error as RunStateError {
      throw error
    } catch {
      throw .failed("the state in \(folder) can't be used: \(error)")
    }
  }

  /// Removes what workers left in the socket folder, and the folder.
  package func removeSockets() {
    Self.removeSockets(in: socketFolder)
    unlink("\(folder)/run")
  }

  private static func lock(_ folder: String) throws -> FileLock {
    switch try FileLock.acquire("\(folder)/lock", until: MonotonicClock.deadline(after: .seconds(3))) {
    case .taken(let lock): return lock
    case .held(let pids): throw RunStateError.inUse(folder: folder, pids: pids)
    }
  }

  private static let socketPrefix = "procession-"

  /// A path that nobody has.
  private static func newSocketFolder() -> String {
    let parent = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) } ?? "/tmp"
    // A socket's path has 107 bytes at most; the names in the folder need up to 22.
    let base = parent.utf8.count <= 64 && access(parent, W_OK) == 0 ? parent : "/tmp"
    while true {
      // Six digits.
      let path = "\(base)/\(socketPrefix)\(String(UInt32.random(in: 60_466_176..<2_176_782_336), radix: 36))"
      if access(path, F_OK) != 0 { return path }
    }
  }

  private static func removeSockets(in folder: String) {
    guard let name = folder.split(separator: "/").last, name.hasPrefix(socketPrefix) else { return }
    for file in (try? namesInFolder(folder)) ?? [] { unlink("\(folder)/\(file)") }
    rmdir(folder)
  }

  static func makeFolder(_ path: String) throws(SystemCallError) {
    var made = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      made += made.isEmpty && part.isEmpty ? "" : (made.isEmpty && !path.hasPrefix("/") ? part : "/" + part)
      if made.isEmpty { continue }
      if mkdir(made, 0o777) != 0 && errno != EEXIST { throw .last("mkdir", made) }
    }
  }

  /// Replaces a file as a whole: a reader, and a run after a death, finds the old text or the new.
  static func write(_ text: String, to path: String) throws(SystemCallError) {
    let temporary = path + ".new"
    do {
      let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
      try file.writeAll(Array(text.utf8))
      guard fdatasync(file.raw) == 0 else { throw SystemCallError.last("fdatasync", temporary) }
    }
    guard rename(temporary, path) == 0 else { throw .last("rename", path) }
    try Descriptor.syncFolder(of: path)
  }
}
