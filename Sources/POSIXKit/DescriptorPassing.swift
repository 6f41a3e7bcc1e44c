import CPOSIX
import Glibc

/// One message that arrived with descriptors, which belong to whoever holds it.
package struct PassedMessage: ~Copyable {
  package let bytes: [UInt8]
  private var numbers: [Int32]

  fileprivate init(bytes: [UInt8], numbers: [Int32]) {
    self.bytes = bytes
    self.numbers = numbers
  }

  deinit { for number in numbers where number >= 0 { _ = close(number) } }

  package var descriptorCount: Int { numbers.count }

  /// Takes over the descriptor at a place; each can be taken once.
  package mutating func takeDescriptor(at place: Int) -> Descriptor? {
    guard place < numbers.count, numbers[place] >= 0 else { return nil }
    defer { numbers[place] = -1 }
    return Descriptor(owning: numbers[place])
  }

  /// Lends the numbers; -1 where one was taken.
  package var lent: [Int32] { numbers }
}

/// What one receive found.
package enum PassedResult: ~Copyable {
  case message(PassedMessage)
  case wouldBlock
  case end
}

extension Descriptor {
  /// The most descriptors that one message carries.
  package static var mostPassed: Int { Int(cposix_max_descriptors) }

  /// Sends one message with lent descriptors over a sequenced socket (`SCM_RIGHTS`): all or nothing. The
  /// message must not be empty, which would read as the end. Throws `SystemCallError`.
  package func send(_ bytes: [UInt8], passing lent: [Int32]) throws(SystemCallError) -> WriteResult {
    precondition(!bytes.isEmpty)
    let sent = bytes.withUnsafeBytes {
      cposix_send_rights(raw, $0.baseAddress!, $0.count, lent, Int32(lent.count))
    }
    if sent >= 0 { return .bytes(sent) }
    switch errno {
    case EAGAIN, ENOBUFS: return .wouldBlock
    case EPIPE, ECONNRESET: return .closed
    default: throw .last("sendmsg", "descriptor \(raw)")
    }
  }

  /// Receives one message of at most `capacity` bytes. An empty message is the end. Throws `SystemCallError`;
  /// EMSGSIZE for one that does not fit.
  package func receivePassed(capacity: Int = 64 << 10) throws(SystemCallError) -> PassedResult {
    var bytes = [UInt8](repeating: 0, count: capacity)
    var numbers = [Int32](repeating: -1, count: 253)
    var count: Int32 = 0
    let received = bytes.withUnsafeMutableBytes {
      cposix_receive_rights(raw, $0.baseAddress!, $0.count, &numbers, 253, &count)
    }
    if received < 0 {
      switch errno {
      case EAGAIN: return .wouldBlock
      case ECONNRESET: return .end
      default: throw .last("recvmsg", "descriptor \(raw)")
      }
    }
    if received == 0 && count == 0 { return .end }
    bytes.removeSubrange(received...)
    numbers.removeSubrange(Int(count)...)
    return .message(PassedMessage(bytes: bytes, numbers: numbers))
  }
}
