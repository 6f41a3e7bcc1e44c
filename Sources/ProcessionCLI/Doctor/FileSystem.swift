import Glibc
import POSIXKit

/// What kind of file system a folder is on, as /proc/self/mountinfo has it.
enum FileSystem {
  /// `ext4`, `overlay`, `nfs4`; nil where it is not listed.
  static func type(of folder: String) -> String? {
    var status = stat()
    guard stat(folder, &status) == 0, let table = try? textOfSystemFile("/proc/self/mountinfo") else {
      return nil
    }
    let device = UInt64(status.st_dev)
    let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
    let minor = device & 0xFF | (device >> 12) & ~0xFF
    return type(ofDevice: "\(major):\(minor)", in: table)
  }

  /// Fields are divided by blanks; the third is the device, and the type is the first behind a lone `-`.
  static func type(ofDevice device: String, in table: String) -> String? {
    for line in table.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"),
        dash + 1 < fields.count
      else { continue }
      return String(fields[dash + 1])
    }
    return nil
  }
}
