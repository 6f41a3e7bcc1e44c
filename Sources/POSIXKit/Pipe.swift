import CPOSIX

/// Both ends of a new pipe.
package struct Pipe: ~Copyable {
  package let readEnd: Descriptor
  package let writeEnd: Descriptor

  /// Both ends block and are close-on-exec. Throws `SystemCallError`.
  package init() throws(SystemCallError) {
    var ends: [Int32] = [-1, -1]
    guard cposix_pipe(&ends) == 0 else { throw .last("pipe") }
    readEnd = Descriptor(owning: ends[0])
    writeEnd = Descriptor(owning: ends[1])
  }

  /// Keeps the end that reads and closes the other.
  package consuming func keepingReadEnd() -> Descriptor { readEnd }
}

/// Two connected Unix sockets.
package struct SocketPair: ~Copyable {
  package let near: Descriptor
  package let far: Descriptor

  /// How bytes travel: as a stream, or as messages that keep their bounds and their descriptors.
  package enum Kind: Sendable { case stream, sequenced }

  /// Both ends block and are close-on-exec. Throws `SystemCallError`.
  package init(_ kind: Kind) throws(SystemCallError) {
    var ends: [Int32] = [-1, -1]
    guard cposix_socketpair(kind == .sequenced ? 1 : 0, &ends) == 0 else { throw .last("socketpair") }
    near = Descriptor(owning: ends[0])
    far = Descriptor(owning: ends[1])
  }

  /// Keeps the near end and closes the other.
  package consuming func keepingNear() -> Descriptor { near }
}
