import CPOSIX
import Glibc

/// An exclusive lock on a whole file that belongs to the open description, not to the process: children that
/// were given the descriptor hold it too, and it falls when the last of them closes it or ends.
package struct FileLock: ~Copyable {
  /// Whoever is passed a duplicate holds the lock with us.
  package let descriptor: Descriptor

  /// What a try found.
  package enum Outcome: ~Copyable {
    case taken(FileLock)
    /// The processes that have the locked file open, by pid; empty where /proc does not tell.
    case held(by: [Int32])
  }

  /// Takes the lock, waiting until the deadline (of `MonotonicClock`; nil: no wait). The file is created where
  /// it is missing. There is no event to wait for, so it is tried every 10 ms. Throws `SystemCallError`.
  package static func acquire(_ path: String, until deadline: UInt64? = nil) throws(SystemCallError)
    -> Outcome
  {
    let file = try Descriptor.open(path, O_RDWR | O_CREAT, permissions: 0o600)
    while true {
      let result = cposix_try_lock(file.raw)
      if result < 0 { throw .last("fcntl(F_OFD_SETLK)", path) }
      if result == 1 { return .taken(FileLock(descriptor: file)) }
      guard let deadline, MonotonicClock.now() < deadline else {
        return .held(by: holders(of: try file.status()))
      }
      var poller = Poller()
      _ = try poller.wait(until: min(deadline, MonotonicClock.deadline(after: .milliseconds(10))))
    }
  }

  private init(descriptor: consuming Descriptor) { self.descriptor = descriptor }

  /// An open-file-description lock has no pid (`F_OFD_GETLK` answers -1), so the holders are those processes
  /// whose /proc/<pid>/fdinfo shows a lock of theirs on this file.
  private static func holders(of file: stat) -> [Int32] {
    guard let names = try? namesInFolder("/proc") else { return [] }
    let inode = ":\(file.st_ino) "
    return names.compactMap { Int32($0) }.filter { holds(pid: $0, inode: inode) }.sorted()
  }

  private static func holds(pid: Int32, inode: String) -> Bool {
    guard let numbers = try? namesInFolder("/proc/\(pid)/fdinfo") else { return false }
    return numbers.contains { number in
      guard let text = try? textOfSystemFile("/proc/\(pid)/fdinfo/\(number)") else { return false }
      return text.split(separator: "\n").contains { $0.hasPrefix("lock:") && $0.contains(inode) }
    }
  }
}
