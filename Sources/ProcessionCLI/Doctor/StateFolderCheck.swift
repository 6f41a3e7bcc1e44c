import Glibc
import POSIXKit
import Supervisor

/// Whether a folder can hold a run's state: files that are locked, and durable once that was asked for.
package struct StateFolderFacts: Sendable {
  package enum Trial: Sendable, Equatable {
    /// Nanoseconds that it took to make a file, write, sync and rename it.
    case worked(nanoseconds: UInt64)
    case failed(String)
  }

  /// What was named, and the nearest folder above it that exists.
  package var folder: String
  package var existing: String
  package var trial: Trial
  /// `ext4`, `nfs4`; nil where /proc does not tell.
  package var fileSystem: String?

  package init(folder: String, existing: String, trial: Trial, fileSystem: String?) {
    self.folder = folder
    self.existing = existing
    self.trial = trial
    self.fileSystem = fileSystem
  }

  static func probe(_ folder: String) -> StateFolderFacts {
    let existing = ExistingFolder.above(folder)
    return StateFolderFacts(
      folder: folder, existing: existing, trial: attempt(in: existing),
      fileSystem: FileSystem.type(of: existing))
  }

  /// Does what a run does with its journal and its lock, in a scratch file that is gone afterwards.
  private static func attempt(in folder: String) -> Trial {
    let path = "\(folder)/.procession-doctor-\(getpid())"
    defer {
      unlink(path)
      unlink(path + ".new")
    }
    do {
      let started = MonotonicClock.now()
      let file = try Descriptor.open(path + ".new", O_WRONLY | O_CREAT | O_EXCL, permissions: 0o600)
      try file.writeAll(Array("procession\n".utf8))
      guard fdatasync(file.raw) == 0 else { throw SystemCallError.last("fdatasync", path) }
      guard rename(path + ".new", path) == 0 else { throw SystemCallError.last("rename", path) }
      try Descriptor.syncFolder(of: path)
      let took = MonotonicClock.now() - started
      guard try locksKeepOthersOut(path) else { return .failed("its locks keep nobody out") }
      return .worked(nanoseconds: took)
    } catch {
      return .failed("\(error)")
    }
  }

  private static func locksKeepOthersOut(_ path: String) throws(SystemCallError) -> Bool {
    guard case .taken(let lock) = try FileLock.acquire(path) else { return false }
    defer { _ = lock.descriptor.raw }
    if case .held = try FileLock.acquire(path) { return true }
    return false
  }

  private static let slow: UInt64 = 200_000_000
  private static let networked = ["nfs", "cifs", "smb", "fuse", "9p", "ceph", "afs", "gluster", "virtiofs"]
  private static let volatile = ["tmpfs", "ramfs"]

  package var check: DoctorCheck {
    let name = "state-folder"
    switch trial {
    case .failed(let why):
      return .failure(
        name, "\(folder) can't hold a state: \(why)",
        "make \(existing) writable, or keep the state elsewhere with --state")
    case .worked(let nanoseconds):
      let type = fileSystem ?? ""
      if Self.networked.contains(where: type.hasPrefix) {
        return .warning(
          name, "\(folder) is on \(type), whose locks and syncs depend on its server",
          "keep the state on a local disk with --state")
      }
      if Self.volatile.contains(type) {
        return .warning(
          name, "\(folder) is in memory (\(type)): what a run has done is forgotten when the machine stops",
          "keep the state on a disk with --state")
      }
      let shown = "\(Figure.fixed(Double(nanoseconds) / 1e6, 1)) ms to make a file durable"
      if nanoseconds > Self.slow {
        return .warning(
          name, "\(folder): \(shown)", "each commit of a sink waits this long; use a faster disk with --state"
        )
      }
      return .ok(name, "\(folder)\(type.isEmpty ? "" : " on \(type)"): locks work; \(shown)")
    }
  }
}

/// Folders that a run makes where they are missing.
enum ExistingFolder {
  /// The folder itself or the nearest above it that exists; a file, where one is in the way.
  static func above(_ path: String) -> String {
    var path = path
    while !path.isEmpty && path != "/" {
      var status = stat()
      if stat(path, &status) == 0 { return path }
      path = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
    return path.isEmpty ? "/" : path
  }
}
