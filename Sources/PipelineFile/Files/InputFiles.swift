import Glibc

/// Finds the files that a path or a glob stands for, and checks that they can be read.
struct InputFiles {
  let reading: Reading

  /// One file, or nil after a complaint.
  func one(_ path: String, at place: Place) -> InputFile? {
    guard checkSpelling(path, at: place) else { return nil }
    return inspect(reading.folders.absolute(path), written: path, at: place)
  }

  /// All files of a glob in byte order of their paths, or the one file of a path.
  func all(_ pattern: String, at place: Place) -> [InputFile]? {
    guard Self.isPattern(pattern) else {
      return one(pattern, at: place).map { [$0] }
    }
    guard checkSpelling(pattern, at: place) else { return nil }
    if pattern.split(separator: "/").contains("**") {
      reading.error("'**' is not available", "write one '*' for each level of folders", at: place)
      return nil
    }
    let paths = expand(pattern)
    guard !paths.isEmpty else {
      reading.error(
        "no file matches \(quoted(pattern))", "paths start at \(reading.folders.pipeline)", at: place)
      return nil
    }
    let files = paths.map { inspect($0, written: reading.folders.shown($0), at: place) }
    return files.contains { $0 == nil } ? nil : files.compactMap { $0 }
  }

  /// One file that is waited for if it is not there yet; then its size and identity are 0.
  func followed(_ path: String, at place: Place) -> InputFile? {
    guard checkSpelling(path, at: place) else { return nil }
    let absolute = reading.folders.absolute(path)
    if FileStatus(absolute) != nil || errno != ENOENT { return inspect(absolute, written: path, at: place) }
    let folder = absolute.lastIndex(of: "/").map { String(absolute[..<$0]) } ?? ""
    guard folder.isEmpty || FileStatus(folder)?.kind == .folder else {
      reading.error(
        "the folder \(quoted(reading.folders.shown(folder))) does not exist",
        "make it, or correct the path", at: place)
      return nil
    }
    return InputFile(path: absolute, shown: reading.folders.shown(absolute), size: 0, device: 0, inode: 0)
  }

  /// Whether a path is a glob.
  static func isPattern(_ path: String) -> Bool { path.contains { "*?[".contains($0) } }

  private func checkSpelling(_ path: String, at place: Place) -> Bool {
    if path.hasPrefix("~/") {
      reading.error("'~' has no meaning here", "write ${HOME}\(path.dropFirst())", at: place)
      return false
    }
    if path.utf8.contains(0) {
      reading.error("a path cannot hold a NUL byte", "remove it", at: place)
      return false
    }
    return true
  }

  private func expand(_ pattern: String) -> [String] {
    var full = pattern
    if !pattern.hasPrefix("/") {
      // The pipeline's own folder may hold characters that mean something to glob.
      let folder = reading.folders.pipeline.map { "*?[\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
      full = folder + "/" + pattern
    }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(full, GLOB_NOSORT, nil, &found) == 0, let list = found.gl_pathv else { return [] }
    var paths: [String] = []
    for index in 0..<Int(found.gl_pathc) {
      if let path = list[index] { paths.append(Folders.cleaned(String(cString: path))) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func inspect(_ path: String, written: String, at place: Place) -> InputFile? {
    guard let status = FileStatus(path) else {
      let code = errno
      if code == ENOENT || code == ENOTDIR {
        reading.error(
          "the file \(quoted(written)) does not exist",
          written.hasPrefix("/") ? "" : "paths start at \(reading.folders.pipeline)", at: place)
      } else {
        reading.error(
          "the file \(quoted(written)) cannot be read: \(String(cString: strerror(code)))", at: place)
      }
      return nil
    }
    switch status.kind {
    case .regular: break
    case .folder:
      reading.error(
        "\(quoted(written)) is a folder", "name its files, such as \(quoted(written + "/*.csv"))", at: place)
      return nil
    case .pipe, .device, .other:
      reading.error(
        "\(quoted(written)) is no regular file, so it cannot be read again after a restart",
        "write '-' and redirect it to standard input", at: place)
      return nil
    }
    guard access(path, R_OK) == 0 else {
      reading.error(
        "the file \(quoted(written)) cannot be read: \(String(cString: strerror(errno)))", at: place)
      return nil
    }
    return InputFile(
      path: path, shown: reading.folders.shown(path), size: status.size, device: status.device,
      inode: status.inode, modified: status.modified)
  }
}
