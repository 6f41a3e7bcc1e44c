import CZeroMQ
import Glibc

/// Answers libzmq's question whether a peer with this public key may talk to a socket of this domain (ZAP,
/// RFC 27).
///
/// One a context, made before the first secured socket is bound. It is a part of its owner's loop: a peer's
/// handshake waits until `answer` is called. For one thread.
package struct Authenticator: ~Copyable {
  private let pointer: UnsafeMutableRawPointer
  private let context: ContextHandle
  /// By domain: the public keys that are let in.
  private var admitted: [String: Set<[UInt8]>] = [:]
  /// Peers that were sent away.
  package private(set) var refused = 0

  package init(_ context: borrowing Context) throws(ZeroMQError) {
    pointer = try Self.open(context.handle.pointer)
    self.context = context.handle
  }

  private static func open(_ context: UnsafeMutableRawPointer) throws(ZeroMQError) -> UnsafeMutableRawPointer
  {
    guard let opened = zmq_socket(context, ZMQ_REP) else { throw .last("zmq_socket") }
    var linger: CInt = 0
    zmq_setsockopt(opened, ZMQ_LINGER, &linger, MemoryLayout<CInt>.size)
    if zmq_bind(opened, "inproc://zeromq.zap.01") == 0 { return opened }
    let error = ZeroMQError.last("zmq_bind", endpoint: "inproc://zeromq.zap.01")
    zmq_close(opened)
    throw error
  }

  deinit { zmq_close(pointer) }

  /// Lets the holder of the pair into a domain.
  package mutating func admit(_ keys: CurveKeys, to domain: String) {
    if let bytes = keys.publicBytes { admitted[domain, default: []].insert(bytes) }
  }

  /// Lets it in no more. A connection that it has stays.
  package mutating func dismiss(_ keys: CurveKeys, from domain: String) {
    guard let bytes = keys.publicBytes else { return }
    admitted[domain]?.remove(bytes)
    if admitted[domain]?.isEmpty == true { admitted[domain] = nil }
  }

  /// A descriptor that becomes readable when `answer` may have something to do.
  package var pollDescriptor: CInt { get throws(ZeroMQError) { try descriptor(of: pointer) } }

  /// Answers all that was asked. Never waits.
  package mutating func answer() throws(ZeroMQError) {
    while let frames = try receive() {
      // version, request, domain, address, identity, mechanism, key
      let isKnown =
        frames.count == 7 && frames[0] == Array("1.0".utf8) && frames[5] == Array("CURVE".utf8)
        && admitted[String(decoding: frames[2], as: UTF8.self)]?.contains(frames[6]) == true
      if !isKnown { refused += 1 }
      let request = frames.count > 1 ? frames[1] : []
      let parts = [
        Array("1.0".utf8), request, Array((isKnown ? "200" : "400").utf8),
        Array((isKnown ? "OK" : "unknown key").utf8), [], [],
      ]
      for (place, part) in parts.enumerated() {
        let flags = ZMQ_DONTWAIT | (place + 1 < parts.count ? ZMQ_SNDMORE : 0)
        if zmq_send(pointer, part, part.count, flags) < 0 { throw .last("zmq_send") }
      }
    }
  }

  private func receive() throws(ZeroMQError) -> [[UInt8]]? {
    var frames: [[UInt8]] = []
    while true {
      let message = Message()
      if zmq_msg_recv(message.pointer, pointer, ZMQ_DONTWAIT) < 0 {
        if zmq_errno() == EINTR { continue }
        if zmq_errno() == EAGAIN { return nil }
        throw .last("zmq_msg_recv")
      }
      frames.append(message.withBytes { Array($0) })
      if zmq_msg_more(message.pointer) == 0 { return frames }
    }
  }
}
