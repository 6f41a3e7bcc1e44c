import Glibc

/// What `stat` says of a path, symbolic links followed.
struct FileStatus {
  enum Kind {
    case regular, folder, pipe, device, other
  }
  let kind: Kind
  let size: UInt64
  let device: UInt64
  let inode: UInt64
  /// Nanoseconds since 1970.
  let modified: UInt64

  /// nil if the path cannot be looked at; `errno` says why.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .folder
    case S_IFIFO: kind = .pipe
    case S_IFCHR, S_IFBLK: kind = .device
    default: kind = .other
    }
    size = UInt64(status.st_size)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    modified = UInt64(status.st_mtim.tv_sec) * 1_000_000_000 + UInt64(status.st_mtim.tv_nsec)
  }

  func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}
