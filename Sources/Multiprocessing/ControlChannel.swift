import Glibc
import POSIXKit

/// Length-prefixed messages between a parent and its child, over a socket pair.
///
/// Both sides hold one. A loop uses `receive`, `send`, `wantsWrite` and `flush`, which never wait; a child
/// without a loop uses `receive(until:)` and `send(_:until:)`. For one thread.
package struct ControlChannel: ~Copyable {
  /// Sizes in bytes.
  package struct Limits: Sendable {
    /// The longest message, either way.
    package var message = 1 << 20
    /// The most that may wait to be sent.
    package var waiting = 4 << 20
    package init() {}
  }

  /// To poll: readable always, writable while `wantsWrite`.
  package let descriptor: Descriptor
  /// The other side is gone: nothing more will come, and nothing can be sent.
  package private(set) var isClosed = false
  private let limits: Limits
  private var framing: MessageFraming
  private var outgoing: [UInt8] = []
  private var sent = 0

  /// Takes over one end of a socket pair and makes it non-blocking. Throws `SystemCallError`.
  package init(_ descriptor: consuming Descriptor, limits: Limits = Limits()) throws(SystemCallError) {
    try descriptor.setNonblocking()
    self.descriptor = descriptor
    self.limits = limits
    framing = MessageFraming(longest: limits.message)
  }

  /// Something waits to be sent: poll for writable and call `flush`.
  package var wantsWrite: Bool { sent < outgoing.count && !isClosed }

  /// Queues a message and sends what the socket takes now. Throws `ControlError`; after `.full` or `.tooLong`
  /// nothing of the message was queued.
  package mutating func send(_ message: [UInt8]) throws(ControlError) {
    if isClosed { throw .closed }
    if message.count > limits.message { throw .tooLong(message.count, limit: limits.message) }
    let waiting = outgoing.count - sent
    if waiting + 4 + message.count > limits.waiting { throw .full(waiting: waiting, limit: limits.waiting) }
    if sent == outgoing.count || sent > 64 << 10 {
      outgoing.removeSubrange(..<sent)
      sent = 0
    }
    outgoing.append(contentsOf: MessageFraming.frame(message))
    try flush()
  }

  /// Sends what the socket takes now. Throws `ControlError`.
  package mutating func flush() throws(ControlError) {
    while sent < outgoing.count {
      let result: WriteResult
      do {
        result = try outgoing.withUnsafeBufferPointer { (buffer) throws(SystemCallError) in
          try descriptor.send(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[sent...]))
        }
      } catch { throw .system(error) }
      switch result {
      case .bytes(let count): sent += count
      case .wouldBlock: return
      case .closed: throw .closed
      }
    }
    outgoing.removeAll(keepingCapacity: true)
    sent = 0
  }

  /// The next whole message that has arrived; nil when there is none now, or none any more (`isClosed`).
  /// Never waits. Throws `ControlError`.
  package mutating func receive() throws(ControlError) -> [UInt8]? {
    while true {
      if let message = try framing.next() { return message }
      if isClosed { return nil }
      guard try fill() else { return nil }
    }
  }

  /// Waits for the next message until the deadline (of `MonotonicClock`; nil: none). Nil at the end of the
  /// stream. Throws `ControlError`.
  package mutating func receive(until deadline: UInt64?) throws(ControlError) -> [UInt8]? {
    while true {
      if let message = try receive() { return message }
      if isClosed { return nil }
      try wait(.readable, until: deadline)
    }
  }

  /// Sends a message and waits until all of it is gone. Throws `ControlError`.
  package mutating func send(_ message: [UInt8], until deadline: UInt64?) throws(ControlError) {
    try send(message)
    while wantsWrite {
      try wait(.writable, until: deadline)
      try flush()
    }
  }

  private func wait(_ interest: Poller.Interest, until deadline: UInt64?) throws(ControlError) {
    do {
      if try !Poller.wait(for: descriptor.raw, interest, until: deadline) { throw ControlError.timedOut }
    } catch let error as SystemCallError {
      throw .system(error)
    } catch { throw .timedOut }
  }

  /// One read. False when there was nothing.
  private mutating func fill() throws(ControlError) -> Bool {
    do {
      return try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
        switch try descriptor.read(into: buffer) {
        case .bytes(let count):
          framing.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
          return true
        case .wouldBlock: return false
        case .end:
          isClosed = true
          return false
        }
      }
    } catch let error as SystemCallError {
      throw .system(error)
    } catch { throw .closed }
  }
}
