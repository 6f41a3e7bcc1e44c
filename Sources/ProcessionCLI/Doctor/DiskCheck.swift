import Glibc

/// Room on the disk that a folder is on.
package struct DiskFacts: Sendable {
  /// `state` or `output`.
  package var purpose: String
  package var folder: String
  /// Bytes and files that may still be made by this user; nil where that can't be told.
  package var free: UInt64?
  package var files: UInt64?

  package init(purpose: String, folder: String, free: UInt64?, files: UInt64?) {
    self.purpose = purpose
    self.folder = folder
    self.free = free
    self.files = files
  }

  static func probe(_ purpose: String, _ folder: String) -> DiskFacts {
    var information = statvfs()
    guard statvfs(ExistingFolder.above(folder), &information) == 0 else {
      return DiskFacts(purpose: purpose, folder: folder, free: nil, files: nil)
    }
    return DiskFacts(
      purpose: purpose, folder: folder, free: UInt64(information.f_bavail) * UInt64(information.f_frsize),
      // File systems without a fixed number of files say 0 of 0.
      files: information.f_files == 0 ? nil : UInt64(information.f_favail))
  }

  private static let little: UInt64 = 1 << 30
  private static let tooLittle: UInt64 = 16 << 20
  private static let fewFiles: UInt64 = 1000

  package var check: DoctorCheck {
    let name = "\(purpose)-disk"
    guard let free else {
      return .warning(name, "the room in \(folder) is not known", "look whether its disk is mounted")
    }
    let shown = "\(Figures.bytes(free)) free for \(folder)"
    let remedy = "make room on the disk, or use a folder on another"
    if free < Self.tooLittle { return .failure(name, shown, remedy) }
    if let files, files < Self.fewFiles {
      return .warning(name, "\(files) more files can be made in \(folder)", remedy)
    }
    return free < Self.little ? .warning(name, shown, remedy) : .ok(name, shown)
  }
}
