import Glibc
import POSIXKit

/// The name of a file that is followed, and the files that it has stood for.
struct FollowedPath {
  let path: String
  /// As messages name it.
  let shown: String

  /// The folders where names of the file come and go: its own, and that of what a symbolic link points to.
  var folders: [String] {
    var folders = [Self.folder(of: path)]
    if let resolved = realpath(path, nil) {
      let target = Self.folder(of: String(cString: resolved))
      free(resolved)
      if target != folders[0] { folders.append(target) }
    }
    return folders
  }

  /// The regular file that is at the path now.
  var current: FileIdentity? { Self.identity(at: path) }

  /// Opens a file under its own name, or under the one that it was given when it was rotated. Nil: it is in
  /// neither place.
  func open(_ wanted: FileIdentity) throws(StageFailure) -> Descriptor? {
    if let found = try open(path, wanted) { return found }
    for folder in folders {
      for name in (try? namesInFolder(folder)) ?? [] {
        let candidate = "\(folder)/\(name)"
        guard Self.identity(at: candidate) == wanted else { continue }
        if let found = try open(candidate, wanted) { return found }
      }
    }
    return nil
  }

  private func open(_ candidate: String, _ wanted: FileIdentity) throws(StageFailure) -> Descriptor? {
    guard Self.identity(at: candidate) == wanted else { return nil }
    do {
      let file = try Descriptor.open(candidate)
      let status = try file.status()
      guard FileIdentity(status) == wanted else { return nil }
      return file
    } catch {
      if error.errno == ENOENT { return nil }
      throw StageFailure("\(shown): error: it can't be read: \(error)")
    }
  }

  private static func identity(at path: String) -> FileIdentity? {
    var status = Glibc.stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FileIdentity(status)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension FileIdentity {
  init(_ status: stat) { self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)) }
}
