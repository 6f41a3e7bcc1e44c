import Glibc
import POSIXKit

/// A log file that never grows beyond its bound: `log` and, oldest last, `log.1` to `log.4`.
///
/// What the disk does not take is dropped as whole records, counted, and told once there is room again.
package final class RotatedLog: LogDestination {
  package let path: String
  private let mostBytes: Int
  private let kept: Int
  private var file: Descriptor?
  private var length = 0
  /// Records that could not be written since the last one that could, and why.
  private var lost = 0
  private var reason = ""

  /// Goes on with the file that is there. `mostBytes` is for each file, `kept` how many older ones stay.
  /// Throws where it can't be opened: a run should not begin that nobody will hear of.
  package init(_ path: String, mostBytes: Int = 8 << 20, kept: Int = 4) throws(SystemCallError) {
    self.path = path
    self.mostBytes = mostBytes
    self.kept = kept
    try open()
  }

  package func write(_ text: String) {
    if lost > 0, !append("(\(lost) \(lost == 1 ? "message was" : "messages were") lost: \(reason))") {
      lost += 1
      return
    }
    lost = 0
    if !append(text) { lost = 1 }
  }

  package func watch(in poller: inout Poller, token: Int) {}
  package func proceed() throws(SystemCallError) {}
  package func close() { file = nil }

  /// False where nothing of it was written.
  private func append(_ text: String) -> Bool {
    let bytes = Array(text.utf8) + [UInt8(ascii: "\n")]
    do throws(SystemCallError) {
      if length > 0 && length + bytes.count > mostBytes { try rotate() }
      if file == nil { try open() }
      try write(bytes)
      return true
    } catch {
      reason = "\(error)"
      // The next one opens it anew: the folder may have been mended.
      file = nil
      return false
    }
  }

  private func open() throws(SystemCallError) {
    let opened = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, permissions: 0o600)
    length = Int(try opened.status().st_size)
    file = consume opened
  }

  private func write(_ bytes: [UInt8]) throws(SystemCallError) {
    guard let number = file?.raw else { return }
    do throws(SystemCallError) {
      var written = 0
      while written < bytes.count {
        let count = bytes.withUnsafeBytes {
          Glibc.write(number, $0.baseAddress! + written, bytes.count - written)
        }
        if count >= 0 {
          written += count
        } else if errno != EINTR {
          throw .last("write", path)
        }
      }
      length += bytes.count
    } catch {
      // Half a line would be taken for the beginning of the next.
      ftruncate(number, length)
      throw error
    }
  }

  private func rotate() throws(SystemCallError) {
    file = nil
    for number in stride(from: kept, to: 0, by: -1) {
      let from = number == 1 ? path : "\(path).\(number - 1)"
      if rename(from, "\(path).\(number)") != 0 && errno != ENOENT { throw .last("rename", from) }
    }
    if kept == 0 && unlink(path) != 0 && errno != ENOENT { throw .last("unlink", path) }
    length = 0
  }
}
