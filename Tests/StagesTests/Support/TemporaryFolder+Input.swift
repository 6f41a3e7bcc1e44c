import Glibc
import PipelineFile
import TestSupport

extension TemporaryFolder {
  /// The file as a plan remembers it.
  func input(_ name: String) -> InputFile {
    var status = stat()
    precondition(stat(file(name), &status) == 0)
    return InputFile(
      path: file(name), shown: name, size: UInt64(status.st_size), device: UInt64(status.st_dev),
      inode: UInt64(status.st_ino),
      modified: UInt64(status.st_mtim.tv_sec) * 1_000_000_000 + UInt64(status.st_mtim.tv_nsec))
  }
}
