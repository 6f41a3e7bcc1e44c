import Glibc
import TestSupport

extension TemporaryFolder {
  /// Of a file in it, or of one with an absolute path; nil where it is not there.
  func permissions(_ name: String) -> mode_t? {
    var status = stat()
    return stat(name.hasPrefix("/") ? name : file(name), &status) == 0 ? status.st_mode & 0o777 : nil
  }
}
