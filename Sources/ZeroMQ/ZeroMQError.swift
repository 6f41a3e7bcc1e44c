import CZeroMQ
import Glibc

/// What a call into libzmq failed with, and for which endpoint.
package enum ZeroMQError: Error, Equatable {
  /// A send found the queue for `endpoint` at its high-water mark. Under credit this cannot happen.
  case queueFull(endpoint: String)
  /// `call` failed with `errno`; `endpoint` is empty where the call has none.
  case failed(call: String, errno: CInt, endpoint: String, text: String)

  /// The libzmq function that failed.
  package var call: String {
    switch self {
    case .queueFull: "zmq_msg_send"
    case .failed(let call, _, _, _): call
    }
  }

  /// The system's or libzmq's error number.
  package var errno: CInt {
    switch self {
    case .queueFull: EAGAIN
    case .failed(_, let errno, _, _): errno
    }
  }

  /// The endpoint concerned, empty where the call has none.
  package var endpoint: String {
    switch self {
    case .queueFull(let endpoint): endpoint
    case .failed(_, _, let endpoint, _): endpoint
    }
  }

  /// What went wrong, in words.
  package var text: String {
    switch self {
    case .queueFull: "the send queue is at its high-water mark"
    case .failed(_, _, _, let text): text
    }
  }

  /// The error of a libzmq call that has just failed on this thread.
  static func last(_ call: String, endpoint: String = "") -> ZeroMQError {
    let code = zmq_errno()
    let words = zmq_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return .failed(call: call, errno: code, endpoint: endpoint, text: words)
  }
}

extension ZeroMQError: CustomStringConvertible {
  package var description: String {
    endpoint.isEmpty ? "\(call): \(text)" : "\(call) \(endpoint): \(text)"
  }
}
