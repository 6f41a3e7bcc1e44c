import CZeroMQ
import Glibc

/// One PUSH or PULL socket, owned.
///
/// For use by one thread at a time. No call waits: `Poller` does. Options are set before anything is bound or
/// connected: linger 0 ms, the given high-water mark (messages, per peer, both ways), no limit on the size of a
/// message, no heartbeats (libzmq 4.3.4 can abort on them).
package struct Socket: ~Copyable {
  package enum Kind: Sendable {
    case pull
    case push
  }

  let pointer: UnsafeMutableRawPointer
  private let context: ContextHandle

  /// The endpoint last bound or connected, empty before; for errors.
  package private(set) var endpoint = ""

  /// Opens a socket. Fails with `EMFILE` when the context has its maximum of sockets.
  package init(_ context: borrowing Context, _ kind: Kind, highWaterMark: Int) throws(ZeroMQError) {
    pointer = try Self.open(context.handle.pointer, kind, highWaterMark: CInt(clamping: highWaterMark))
    self.context = context.handle
  }

  deinit {
    zmq_close(pointer)
  }

  /// Listens at `endpoint`.
  ///
  /// libzmq takes an `ipc://` path from whoever has it without a word; give every incarnation one of its own.
  package mutating func bind(_ endpoint: String) throws(ZeroMQError) {
    try Endpoint.check(endpoint, call: "zmq_bind")
    guard zmq_bind(pointer, endpoint) == 0 else { throw .last("zmq_bind", endpoint: endpoint) }
    self.endpoint = endpoint
  }

  /// Connects to `endpoint`, where nobody needs to listen yet; messages queue up to the high-water mark.
  package mutating func connect(_ endpoint: String) throws(ZeroMQError) {
    try Endpoint.check(endpoint, call: "zmq_connect")
    guard zmq_connect(pointer, endpoint) == 0 else { throw .last("zmq_connect", endpoint: endpoint) }
    self.endpoint = endpoint
  }

  /// Lets go of `endpoint`; what is queued for it is dropped. Fails with `ENOENT` if it was never connected.
  package mutating func disconnect(_ endpoint: String) throws(ZeroMQError) {
    guard zmq_disconnect(pointer, endpoint) == 0 else { throw .last("zmq_disconnect", endpoint: endpoint) }
  }

  /// Closes the socket at once; what is unsent is dropped.
  package consuming func close() {}

  /// Sends without waiting. On failure the message is gone; retain a share of what must be sent again.
  package func send(_ message: consuming Message) throws(ZeroMQError) {
    while zmq_msg_send(message.pointer, pointer, ZMQ_DONTWAIT) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: throw .queueFull(endpoint: endpoint)
      default: throw .last("zmq_msg_send", endpoint: endpoint)
      }
    }
  }

  /// Receives without waiting: the next message, or nil when there is none now.
  package func receive() throws(ZeroMQError) -> Message? {
    let message = Message()
    while zmq_msg_recv(message.pointer, pointer, ZMQ_DONTWAIT) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return nil
      default: throw .last("zmq_msg_recv", endpoint: endpoint)
      }
    }
    return message
  }

  private static func open(
    _ context: UnsafeMutableRawPointer, _ kind: Kind, highWaterMark: CInt
  ) throws(ZeroMQError) -> UnsafeMutableRawPointer {
    let type =
      switch kind {
      case .pull: ZMQ_PULL
      case .push: ZMQ_PUSH
      }
    guard let pointer = zmq_socket(context, type) else { throw .last("zmq_socket") }
    do throws(ZeroMQError) {
      try set(pointer, ZMQ_LINGER, CInt(0))
      try set(pointer, ZMQ_SNDHWM, highWaterMark)
      try set(pointer, ZMQ_RCVHWM, highWaterMark)
      try set(pointer, ZMQ_MAXMSGSIZE, Int64(-1))
    } catch {
      zmq_close(pointer)
      throw error
    }
    return pointer
  }

  private static func set<Value: BitwiseCopyable>(
    _ socket: UnsafeMutableRawPointer, _ option: CInt, _ value: Value
  ) throws(ZeroMQError) {
    let status = withUnsafeBytes(of: value) { zmq_setsockopt(socket, option, $0.baseAddress, $0.count) }
    guard status == 0 else { throw .last("zmq_setsockopt") }
  }
}
