import Glibc
import POSIXKit

/// The name of a file that is followed, and the files that it has stood for.
struct FollowedPath {
  let path: String
  /// As messages name it.
  let shown: String

  /// The folders where names of the file come and go: its own, and that of what a symbolic link points to, whether
  /// or not there is anything now.
  var folders: [String] {
    let own = Self.folder(of: path)
    guard let target = linkTarget else { return [own] }
    let other = Self.folder(of: target.hasPrefix("/") ? target : "\(own)/\(target)")
    return [own, other]
  }

  private var linkTarget: String? {
    var room = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = room.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count > 0 ? String(decoding: room[..<count], as: UTF8.self) : nil
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
