import Glibc
import POSIXKit

/// Where the sockets of a run go: XDG_RUNTIME_DIR, or else /tmp.
package struct SocketFolderFacts: Sendable {
  package struct Folder: Sendable {
    package var path: String
    package var exists: Bool
    package var isWritable: Bool
    package var owner: UInt32
    /// Permissions, the sticky bit among them.
    package var mode: UInt32

    package init(path: String, exists: Bool, isWritable: Bool, owner: UInt32, mode: UInt32) {
      self.path = path
      self.exists = exists
      self.isWritable = isWritable
      self.owner = owner
      self.mode = mode
    }
  }

  /// Nil where the variable is not set.
  package var runtime: Folder?
  package var temporary: Folder
  package var user: UInt32

  package init(runtime: Folder?, temporary: Folder, user: UInt32) {
    self.runtime = runtime
    self.temporary = temporary
    self.user = user
  }

  static func probe() -> SocketFolderFacts {
    SocketFolderFacts(
      runtime: getenv("XDG_RUNTIME_DIR").map { look(at: String(cString: $0)) }, temporary: look(at: "/tmp"),
      user: geteuid())
  }

  private static func look(at path: String) -> Folder {
    var status = stat()
    let exists = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    return Folder(
      path: path, exists: exists, isWritable: access(path, W_OK | X_OK) == 0, owner: status.st_uid,
      mode: status.st_mode & 0o7777)
  }

  /// The longest path of a folder whose sockets still have names of at most 107 bytes.
  private static let longestFolder = 64

  package var checks: [DoctorCheck] {
    let usesTemporary = runtime.map { !Self.isUsable($0) } ?? true
    return [runtimeCheck, temporaryCheck(isNeeded: usesTemporary)]
  }

  private static func isUsable(_ folder: Folder) -> Bool {
    folder.exists && folder.isWritable && folder.path.utf8.count <= longestFolder
  }

  private var runtimeCheck: DoctorCheck {
    let name = "runtime-folder"
    guard let runtime else {
      return .ok(name, "XDG_RUNTIME_DIR is not set: sockets go to /tmp")
    }
    if !runtime.exists {
      return .warning(
        name, "XDG_RUNTIME_DIR names \(runtime.path), which is no folder: sockets go to /tmp",
        "log in through systemd, or unset XDG_RUNTIME_DIR; 'ps' looks where the run's variable pointed")
    }
    if runtime.path.utf8.count > Self.longestFolder {
      return .warning(
        name,
        "XDG_RUNTIME_DIR has \(runtime.path.utf8.count) bytes; a socket's path may have 107: sockets go to /tmp",
        "name a folder of at most \(Self.longestFolder) bytes")
    }
    if !runtime.isWritable {
      return .warning(
        name, "XDG_RUNTIME_DIR (\(runtime.path)) can't be written: sockets go to /tmp",
        "name a folder of your own, or unset it")
    }
    if runtime.owner != user {
      return .warning(
        name, "XDG_RUNTIME_DIR (\(runtime.path)) belongs to user \(runtime.owner), not to \(user)",
        "name a folder of your own: whoever owns it can remove the sockets of a run")
    }
    if runtime.mode & 0o022 != 0 && runtime.mode & 0o1000 == 0 {
      return .warning(
        name, "XDG_RUNTIME_DIR (\(runtime.path)) can be written by others", "chmod 700 \(runtime.path)")
    }
    return .ok(name, "sockets go to \(runtime.path)")
  }

  private func temporaryCheck(isNeeded: Bool) -> DoctorCheck {
    let name = "tmp"
    if temporary.exists && temporary.isWritable {
      if temporary.mode & 0o002 != 0 && temporary.mode & 0o1000 == 0 {
        return .warning(
          name, "/tmp has no sticky bit: others can remove the sockets of a run", "chmod 1777 /tmp")
      }
      return .ok(name, "/tmp can be written")
    }
    let finding = "/tmp can't be written"
    let remedy = "chmod 1777 /tmp, or set XDG_RUNTIME_DIR to a short folder of your own"
    return isNeeded ? .failure(name, finding, remedy) : .warning(name, finding, remedy)
  }
}
