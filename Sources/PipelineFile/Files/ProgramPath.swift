import Glibc

/// Finds the file of a program.
struct ProgramPath {
  let reading: Reading
  /// The value of PATH.
  let search: String

  /// Absolute path of the program's file, or nil after a complaint. A name without `/` is looked up in PATH, a
  /// relative path starts at the pipeline file's folder.
  func find(_ name: String, at place: Place) -> String? {
    if name.hasPrefix("~/") {
      reading.error("'~' has no meaning here", "write ${HOME}\(name.dropFirst())", at: place)
      return nil
    }
    return name.contains("/") ? check(name, at: place) : lookUp(name, at: place)
  }

  private func check(_ name: String, at place: Place) -> String? {
    let path = reading.folders.absolute(name)
    guard let status = FileStatus(path) else {
      let code = errno
      let isMissing = code == ENOENT || code == ENOTDIR
      reading.error(
        isMissing
          ? "the program \(quoted(name)) does not exist"
          : "the program \(quoted(name)) cannot be looked at: \(String(cString: strerror(code)))",
        name.hasPrefix("/") ? "" : "paths start at \(reading.folders.pipeline)", at: place)
      return nil
    }
    guard status.kind == .regular else {
      reading.error("\(quoted(name)) is no file, so it is no program", "name the program's file", at: place)
      return nil
    }
    guard access(path, X_OK) == 0 else {
      reading.error(
        "the file \(quoted(name)) may not be run as a program",
        "make it executable (chmod +x), or write its interpreter before it: [python3, \(name)]", at: place)
      return nil
    }
    return path
  }

  private func lookUp(_ name: String, at place: Place) -> String? {
    for folder in search.split(separator: ":", omittingEmptySubsequences: true) {
      let path = folder.hasPrefix("/") ? "\(folder)/\(name)" : reading.folders.absolute("\(folder)/\(name)")
      if FileStatus(path)?.kind == .regular, access(path, X_OK) == 0 { return path }
    }
    let isHere = FileStatus(reading.folders.absolute(name))?.kind == .regular
    let remedy =
      name.contains(" ")
      ? "write each argument as an item of its own, or set 'shell: true'"
      : isHere
        ? "write \(quoted("./" + name)) for the one in \(reading.folders.pipeline)"
        : "install it, or write its path (paths start at \(reading.folders.pipeline))"
    reading.error("there is no program \(quoted(name)) in PATH", remedy, at: place)
    return nil
  }
}
