import POSIXKit

/// What can go wrong on a control channel, the end of it excepted: that is a fact, not an error.
package enum ControlError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A message over the limit was to be sent, or was announced by the other side.
  case tooLong(Int, limit: Int)
  /// The other side does not read: what waits to be sent would pass the limit.
  case full(waiting: Int, limit: Int)
  /// The other side is gone.
  case closed
  /// The deadline passed first.
  case timedOut
  case system(SystemCallError)

  package var description: String {
    switch self {
    case .tooLong(let count, let limit): "A control message of \(count) bytes is over the limit of \(limit)."
    case .full(let waiting, let limit):
      "The control channel is full: \(waiting) bytes wait to be sent, the limit is \(limit)."
    case .closed: "The other side of the control channel is gone."
    case .timedOut: "The control channel was not ready in time."
    case .system(let error): "The control channel failed: \(error)"
    }
  }
}
