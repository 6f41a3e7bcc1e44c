import CPOSIX
import Glibc

/// Wakes whoever waits when a file grows or shrinks, or names come and go in its folders.
///
/// It says that something happened and not what: look at the files then. To miss nothing, call ``clear()``
/// first and look afterwards. Changes by other machines, on network file systems, are not seen. For one thread.
package struct FileWatch: ~Copyable {
  private let watch: Descriptor
  private var file: Int32 = -1

  /// Throws `SystemCallError`.
  package init() throws(SystemCallError) {
    let opened = cposix_watch_open()
    guard opened >= 0 else { throw .last("inotify_init1") }
    watch = Descriptor(owning: opened)
  }

  /// Readable when something happened since ``clear()``. Lent.
  package var descriptor: Int32 { watch.raw }

  /// Watches the names in a folder. Watching it again changes nothing.
  package func add(folder: String) throws(SystemCallError) {
    guard cposix_watch_folder(watch.raw, folder) >= 0 else { throw .last("inotify_add_watch", folder) }
  }

  /// Watches an open file in place of the one before, whatever becomes of its name.
  package mutating func follow(_ descriptor: Int32) throws(SystemCallError) {
    // A watch of a file that is gone has ended by itself.
    if file >= 0 { _ = cposix_watch_remove(watch.raw, file) }
    file = cposix_watch_file(watch.raw, descriptor)
    guard file >= 0 else { throw .last("inotify_add_watch", "descriptor \(descriptor)") }
  }

  /// Forgets what has happened so far.
  package func clear() throws(SystemCallError) {
    var room = [UInt8](repeating: 0, count: 4 << 10)
    var hasMore = true
    while hasMore {
      hasMore = try room.withUnsafeMutableBufferPointer { (room) throws(SystemCallError) -> Bool in
        if case .bytes = try watch.read(into: UnsafeMutableRawBufferPointer(room)) { return true }
        return false
      }
    }
  }
}
