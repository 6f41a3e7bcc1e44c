import CZeroMQ
import Glibc

/// One single-frame message, owned.
///
/// libzmq forbids moving a `zmq_msg_t` in memory and keeps short contents inside it, so it stands at an address
/// of its own and `bytes` stays where it is for as long as the message lives. A message may pass between
/// threads; it may not be used by two at once.
package struct Message: ~Copyable, @unchecked Sendable {
  let pointer: UnsafeMutablePointer<zmq_msg_t>

  /// An empty message for libzmq to receive into.
  init() {
    pointer = .allocate(capacity: 1)
    zmq_msg_init(pointer)
  }

  /// A message of `size` bytes whose content is not initialised; fill it with `withMutableBytes`.
  package init(size: Int) throws(ZeroMQError) {
    let pointer = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
    guard zmq_msg_init_size(pointer, size) == 0 else {
      let error = ZeroMQError.last("zmq_msg_init_size")
      pointer.deallocate()
      throw error
    }
    self.pointer = pointer
  }

  /// A message around `buffer`, without a copy.
  ///
  /// The buffer must come from `malloc`, or from `UnsafeMutableRawBufferPointer.allocate` with an alignment of
  /// at most 16. The message owns it from the call on, also when this throws: it is freed once, when the last
  /// share of the content goes, possibly on an I/O thread.
  package init(taking buffer: UnsafeMutableRawBufferPointer) throws(ZeroMQError) {
    try self.init(taking: buffer, hint: nil) { data, _ in free(data) }
  }

  /// A message around `buffer`, without a copy, that gives it back by `release(buffer, hint)`.
  ///
  /// `release` is called once, also when this throws, when the last share of the content goes; possibly on an
  /// I/O thread.
  package init(
    taking buffer: UnsafeMutableRawBufferPointer, hint: UnsafeMutableRawPointer?,
    release: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void
  ) throws(ZeroMQError) {
    let pointer = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
    guard zmq_msg_init_data(pointer, buffer.baseAddress, buffer.count, release, hint) == 0 else {
      let error = ZeroMQError.last("zmq_msg_init_data")
      release(buffer.baseAddress, hint)
      pointer.deallocate()
      throw error
    }
    self.pointer = pointer
  }

  /// A message with a copy of `bytes`.
  package init(copying bytes: UnsafeRawBufferPointer) throws(ZeroMQError) {
    try self.init(size: bytes.count)
    UnsafeMutableRawBufferPointer(start: zmq_msg_data(pointer), count: bytes.count).copyMemory(from: bytes)
  }

  deinit {
    zmq_msg_close(pointer)
    pointer.deallocate()
  }

  /// The content's length in bytes.
  package var count: Int { zmq_msg_size(pointer) }

  /// The content, valid while this message lives.
  ///
  /// Keep the message alive past the last use, or borrow through `withBytes`, which does.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: zmq_msg_data(pointer), count: zmq_msg_size(pointer))
  }

  /// Lends the content to `body`.
  package func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(bytes)
  }

  /// Lends the content to `body` for writing. It is an error of the program to write to a shared content.
  package mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(zmq_msg_get(pointer, ZMQ_SHARED) == 0, "a shared message is immutable")
    return try body(
      UnsafeMutableRawBufferPointer(start: zmq_msg_data(pointer), count: zmq_msg_size(pointer)))
  }

  /// Another message with the same content, counted rather than copied. Neither may be written to afterwards.
  ///
  /// Contents of up to about 30 bytes are copied.
  package func share() -> Message {
    let copy = Message()
    let status = zmq_msg_copy(copy.pointer, pointer)
    precondition(status == 0, "zmq_msg_copy fails only for a message that is not initialised")
    return copy
  }
}
