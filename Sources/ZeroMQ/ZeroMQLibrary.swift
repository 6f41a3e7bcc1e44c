import CZeroMQ

/// The libzmq that is loaded, and the one that this was built with.
package enum ZeroMQLibrary {
  /// Major, minor, patch.
  package static var version: [Int] {
    var (major, minor, patch): (CInt, CInt, CInt) = (0, 0, 0)
    zmq_version(&major, &minor, &patch)
    return [Int(major), Int(minor), Int(patch)]
  }

  /// Major, minor, patch.
  package static var builtVersion: [Int] {
    [Int(ZMQ_VERSION_MAJOR), Int(ZMQ_VERSION_MINOR), Int(ZMQ_VERSION_PATCH)]
  }

  /// Whether it was built with a capability such as `curve` or `ipc`.
  package static func has(_ capability: String) -> Bool { zmq_has(capability) == 1 }
}
