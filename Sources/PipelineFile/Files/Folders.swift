import Glibc

/// Where paths start, and how they are shown.
struct Folders {
  /// Of the pipeline file: relative paths in it start here.
  let pipeline: String
  /// The shell's: shown paths start here.
  let current: String

  init(pipelineFile: String, current: String) {
    self.current = current
    let file = Self.cleaned(pipelineFile.hasPrefix("/") ? pipelineFile : current + "/" + pipelineFile)
    let slash = file.lastIndex(of: "/") ?? file.startIndex
    pipeline = slash == file.startIndex ? "/" : String(file[..<slash])
  }

  func absolute(_ path: String) -> String {
    Self.cleaned(path.hasPrefix("/") ? path : pipeline + "/" + path)
  }

  /// Relative to the shell's folder if it is inside of it.
  func shown(_ absolute: String) -> String {
    let prefix = current.hasSuffix("/") ? current : current + "/"
    if absolute == current { return "." }
    return absolute.hasPrefix(prefix) && absolute.count > prefix.count
      ? String(absolute.dropFirst(prefix.count)) : absolute
  }

  /// Without `.`, `..` and doubled slashes, unless `..` behind a symbolic link then meant something else.
  static func cleaned(_ path: String) -> String {
    var parts: [Substring] = []
    var climbs = false
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        climbs = true
        _ = parts.popLast()
      } else {
        parts.append(part)
      }
    }
    let result = "/" + parts.joined(separator: "/")
    guard climbs, let before = FileStatus(path) else { return result }
    guard let after = FileStatus(result), after.isSameFile(as: before) else { return path }
    return result
  }

  /// The path with the symbolic links of what exists of it followed, to compare what does not exist yet.
  static func resolved(_ path: String) -> String {
    if let real = realpath(path, nil) {
      defer { free(real) }
      return String(cString: real)
    }
    return resolvedFolder(of: path)
  }

  /// The path with the symbolic links of its folder followed, but not one that it is itself.
  static func resolvedFolder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), path != "/" else { return path }
    let parent = slash == path.startIndex ? "/" : String(path[..<slash])
    let folder = resolved(parent)
    return (folder == "/" ? "" : folder) + path[slash...]
  }
}
