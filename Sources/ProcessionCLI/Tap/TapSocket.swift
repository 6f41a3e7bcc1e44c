import Glibc
import POSIXKit
import Worker

/// The socket that a tap's reader binds in the run's folder; its name goes with it.
struct TapSocket: ~Copyable {
  let path: String
  let socket: DatagramSocket

  /// Throws `SystemCallError`.
  init(in folder: String) throws(SystemCallError) {
    path = "\(folder)/tap-\(getpid())"
    // A reader that was killed may have had this number.
    unlink(path)
    socket = try DatagramSocket.bind(path)
  }

  deinit { unlink(path) }
}
