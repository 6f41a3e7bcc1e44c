import Glibc

/// Checks that a file can be made at a path; folders that are missing are made by the run.
struct OutputPath {
  let reading: Reading

  /// The absolute path, or nil after a complaint.
  func check(_ path: String, at place: Place) -> String? {
    if path.hasPrefix("~/") {
      reading.error("'~' has no meaning here", "write ${HOME}\(path.dropFirst())", at: place)
      return nil
    }
    if path.utf8.contains(0) {
      reading.error("a path cannot hold a NUL byte", "remove it", at: place)
      return nil
    }
    if path.hasSuffix("/") {
      reading.error("\(quoted(path)) is a folder", "add the name of a file", at: place)
      return nil
    }
    let absolute = reading.folders.absolute(path)
    if let status = FileStatus(absolute) {
      switch status.kind {
      case .regular: return absolute
      case .folder:
        reading.error("\(quoted(path)) is a folder", "add the name of a file", at: place)
      case .pipe, .device, .other:
        reading.error(
          "\(quoted(path)) is no regular file, so it cannot be repaired after a restart",
          "write 'sink: stdout' and redirect it", at: place)
      }
      return nil
    }
    return checkParents(of: absolute, at: place) ? absolute : nil
  }

  private func checkParents(of absolute: String, at place: Place) -> Bool {
    var folder = absolute[...]
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = folder[..<slash]
      guard let status = FileStatus(String(folder)) else { continue }
      if status.kind == .folder { return true }
      reading.error(
        "\(quoted(reading.folders.shown(String(folder)))) is in the way: it is no folder",
        "choose another path",
        at: place)
      return false
    }
    return true
  }
}
