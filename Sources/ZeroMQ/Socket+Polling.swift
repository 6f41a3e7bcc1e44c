import CZeroMQ

extension Socket {
  /// A descriptor that becomes readable when something happened to the socket.
  ///
  /// Edge-triggered: wait for it only after `receive` has returned nil, and ask again after each wait, whatever
  /// it found. So a loop can wait in other ways than by a ``Poller``.
  package var pollDescriptor: CInt { get throws(ZeroMQError) { try descriptor(of: pointer) } }

  /// Whether there is something to receive now.
  package var hasInput: Bool { get throws(ZeroMQError) { try events & ZMQ_POLLIN != 0 } }

  /// Whether somebody is there to whom something can be sent now.
  package var takesOutput: Bool { get throws(ZeroMQError) { try events & ZMQ_POLLOUT != 0 } }

  private var events: CInt {
    get throws(ZeroMQError) {
      var events: CInt = 0
      var size = MemoryLayout<CInt>.size
      guard zmq_getsockopt(pointer, ZMQ_EVENTS, &events, &size) == 0 else { throw .last("zmq_getsockopt") }
      return events
    }
  }

  /// The address at which it really listens: with the port where `bind` was given a wildcard.
  package var boundEndpoint: String {
    get throws(ZeroMQError) {
      var text = [CChar](repeating: 0, count: 256)
      var size = text.count
      guard zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, &text, &size) == 0 else {
        throw .last("zmq_getsockopt")
      }
      return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }
}

func descriptor(of socket: UnsafeMutableRawPointer) throws(ZeroMQError) -> CInt {
  var number: CInt = -1
  var size = MemoryLayout<CInt>.size
  guard zmq_getsockopt(socket, ZMQ_FD, &number, &size) == 0 else { throw .last("zmq_getsockopt") }
  return number
}
