import CPOSIX

/// Both ends of a new pipe. Each can be taken once; what is not taken is closed with the pipe.
package struct Pipe: ~Copyable {
  private var readEnd: Int32
  private var writeEnd: Int32

  /// Both ends block and are close-on-exec. Throws `SystemCallError`.
  package init() throws(SystemCallError) {
    var ends: [Int32] = [-1, -1]
    guard cposix_pipe(&ends) == 0 else { throw .last("pipe") }
    readEnd = ends[0]
    writeEnd = ends[1]
  }

  deinit { closeIfOpen(readEnd, writeEnd) }

  /// The reading end's number, lent; -1 once it was taken.
  package var readNumber: Int32 { readEnd }

  package mutating func takeReadEnd() -> Descriptor { take(&readEnd) }
  package mutating func takeWriteEnd() -> Descriptor { take(&writeEnd) }
}

/// Two connected Unix sockets. Each can be taken once; what is not taken is closed with the pair.
package struct SocketPair: ~Copyable {
  private var near: Int32
  private var far: Int32

  /// How bytes travel: as a stream, or as messages that keep their bounds and their descriptors.
  package enum Kind: Sendable { case stream, sequenced }

  /// Both ends block and are close-on-exec. Throws `SystemCallError`.
  package init(_ kind: Kind) throws(SystemCallError) {
    var ends: [Int32] = [-1, -1]
    guard cposix_socketpair(kind == .sequenced ? 1 : 0, &ends) == 0 else { throw .last("socketpair") }
    near = ends[0]
    far = ends[1]
  }

  deinit { closeIfOpen(near, far) }

  package mutating func takeNear() -> Descriptor { take(&near) }
  package mutating func takeFar() -> Descriptor { take(&far) }
}

private func take(_ number: inout Int32) -> Descriptor {
  precondition(number >= 0, "taken twice")
  defer { number = -1 }
  return Descriptor(owning: number)
}

private func closeIfOpen(_ numbers: Int32...) {
  for number in numbers where number >= 0 { _ = Descriptor(owning: number) }
}
