import CZeroMQ
import Glibc

/// One libzmq context: the I/O threads and the sockets of a process.
///
/// It may be made on any thread; libzmq starts its threads with the first socket. It does not survive a fork:
/// make it in the child. Every socket keeps what is underneath alive, so the order in which the context and its
/// sockets go does not matter, and termination never waits: sockets linger for 0 ms.
package struct Context: ~Copyable, Sendable {
  let handle: ContextHandle

  /// Makes a context with room for `maximumSockets` sockets, served by `ioThreads` threads.
  ///
  /// libzmq allows at most 65,535 sockets; more is an error that says so.
  package init(maximumSockets: Int, ioThreads: Int = 1) throws(ZeroMQError) {
    handle = try ContextHandle(maximumSockets: maximumSockets, ioThreads: ioThreads)
  }

  /// Ends the context: waiting for, and receiving from, sockets that are still open fails with `ETERM`.
  package consuming func close() {
    _ = zmq_ctx_shutdown(handle.pointer)
  }
}

/// The shared part of a context; the last of the context and its sockets to go terminates it.
final class ContextHandle: @unchecked Sendable {
  // Unchecked: libzmq documents contexts as thread-safe, and the pointer never changes.
  let pointer: UnsafeMutableRawPointer

  init(maximumSockets: Int, ioThreads: Int) throws(ZeroMQError) {
    guard let pointer = zmq_ctx_new() else { throw .last("zmq_ctx_new") }
    self.pointer = pointer
    let limit = Int(zmq_ctx_get(pointer, ZMQ_SOCKET_LIMIT))
    guard (1...limit).contains(maximumSockets) else {
      throw .failed(
        call: "zmq_ctx_set", errno: EINVAL, endpoint: "",
        text: "\(maximumSockets) sockets asked for; libzmq allows 1 to \(limit)")
    }
    for (option, value) in [(ZMQ_MAX_SOCKETS, maximumSockets), (ZMQ_IO_THREADS, ioThreads), (ZMQ_BLOCKY, 0)] {
      guard zmq_ctx_set(pointer, option, CInt(clamping: value)) == 0 else { throw .last("zmq_ctx_set") }
    }
  }

  deinit {
    while zmq_ctx_term(pointer) != 0 && zmq_errno() == EINTR {}
  }
}
