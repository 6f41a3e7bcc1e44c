import Glibc
import POSIXKit

/// A run of this user's that was found by its control socket.
package struct FoundRun: Sendable {
  /// Its control socket.
  package var socket: String
  /// What it said of itself; nil for one that did not answer in time.
  package var status: RunStatus?

  package init(socket: String, status: RunStatus?) {
    self.socket = socket
    self.status = status
  }
}

/// Finds the runs of this user that live: folders of runs are looked through, and whoever answers is one.
package enum RunFinder {
  /// The name of the control socket in a run's folder.
  package static let socketName = "control"
  /// What the names of runs' folders begin with.
  package static let folderPrefix = "procession-"

  /// Folders that runs' folders are in.
  package static var parents: [String] {
    let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
    // The second is where a login session's are, for who looks from outside of one.
    return [runtime, "/run/user/\(geteuid())", "/tmp"].compactMap { $0 }.filter { !$0.isEmpty }
  }

  /// All live runs, by pipeline and then by the pid of the supervisor; those that do not answer come last. Each
  /// has `patience` to answer.
  package static func runs(
    in parents: [String] = parents, patience: Duration = .seconds(1)
  ) -> [FoundRun] {
    var found: [FoundRun] = []
    for path in sockets(in: parents) {
      do throws(ControlClientError) {
        found.append(FoundRun(socket: path, status: try status(path, patience)))
      } catch .noAnswer {
        found.append(FoundRun(socket: path, status: nil))
      } catch {
        // What nobody serves was left by a run that was killed; the next one on its state removes it.
        continue
      }
    }
    return found.sorted { one, other in
      guard let first = one.status, let second = other.status else {
        return one.status != nil || (other.status == nil && one.socket < other.socket)
      }
      return (first.pipeline, first.pid) < (second.pipeline, second.pid)
    }
  }

  private static func status(
    _ path: String, _ patience: Duration
  ) throws(ControlClientError) -> RunStatus {
    let deadline = MonotonicClock.deadline(after: patience)
    var client = try ControlClient(path: path, until: deadline)
    guard case .status(let status) = try client.ask(.status, until: deadline) else { throw .closed }
    return status
  }

  /// Sockets in folders that belong to this user and that nobody else may look into.
  private static func sockets(in parents: [String]) -> [String] {
    var paths: [String] = []
    var seen: Set<String> = []
    for parent in parents where seen.insert(parent).inserted {
      for name in (try? namesInFolder(parent))?.sorted() ?? [] where name.hasPrefix(folderPrefix) {
        var folder = stat()
        let path = "\(parent)/\(name)"
        guard lstat(path, &folder) == 0, folder.st_mode & S_IFMT == S_IFDIR, folder.st_uid == geteuid(),
          folder.st_mode & 0o777 == 0o700, access("\(path)/\(socketName)", F_OK) == 0
        else { continue }
        paths.append("\(path)/\(socketName)")
      }
    }
    return paths
  }
}
