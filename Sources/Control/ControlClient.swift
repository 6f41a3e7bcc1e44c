import Glibc
import POSIXKit

/// Why a run can't be talked to.
package enum ControlClientError: Error, CustomStringConvertible {
  /// Nobody serves the socket: the run is over.
  case notRunning(path: String)
  /// The run did not answer in time.
  case noAnswer(path: String)
  /// The run closed the connection: it has ended, or has no patience with this client.
  case closed
  /// What it sent is none of the protocol.
  case line(ControlLineError)
  case failed(SystemCallError)

  package var description: String {
    switch self {
    case .notRunning(let path): "no run is behind \(path)"
    case .noAnswer(let path): "the run behind \(path) does not answer"
    case .closed: "the run closed the connection"
    case .line(let error): error.description
    case .failed(let error): error.description
    }
  }
}

/// A connection to a run's control socket. Blocks, and each wait has a deadline (of `MonotonicClock`; nil: for as
/// long as the run lives).
///
/// Whatever a client set up is undone when its connection closes.
package struct ControlClient: ~Copyable {
  private let path: String
  private let socket: Descriptor
  private var input: [UInt8] = []
  /// How much of it holds no newline.
  private var searched = 0
  /// The last descriptor that came and was not taken.
  private var passed: Descriptor?

  /// Lent, to poll. Something may be left to take though it is not readable.
  package var descriptor: Int32 { socket.raw }

  /// Throws where nobody serves the socket, or whoever does takes nobody in time.
  package init(path: String, until deadline: UInt64) throws(ControlClientError) {
    self.path = path
    self.socket = try Self.connect(path, deadline)
  }

  private static func connect(_ path: String, _ deadline: UInt64) throws(ControlClientError) -> Descriptor {
    do {
      return try Descriptor.connect(toLocal: path, until: deadline)
    } catch {
      switch error.errno {
      case ECONNREFUSED, ENOENT: throw .notRunning(path: path)
      case ETIMEDOUT: throw .noAnswer(path: path)
      default: throw .failed(error)
      }
    }
  }

  /// Sends a request and returns the next reply. For requests that nothing else comes before.
  package mutating func ask(
    _ request: ControlRequest, until deadline: UInt64
  ) throws(ControlClientError) -> ControlReply {
    try send(request, until: deadline)
    guard let reply = try receive(until: deadline) else { throw .noAnswer(path: path) }
    return reply
  }

  package mutating func send(
    _ request: ControlRequest, until deadline: UInt64
  ) throws(ControlClientError) {
    let line = ControlLine.encode(request) + [UInt8(ascii: "\n")]
    var sent = 0
    while sent < line.count {
      do {
        switch try socket.send(line[sent...]) {
        case .bytes(let count): sent += count
        case .wouldBlock:
          if try !Poller.wait(for: socket.raw, .writable, until: deadline) {
            throw ControlClientError.noAnswer(path: path)
          }
        case .closed:
          // It may have said why.
          return
        }
      } catch {
        throw Self.words(error)
      }
    }
  }

  /// The next reply; nil when the deadline came first. Throws `.closed` at the end of the connection.
  package mutating func receive(until deadline: UInt64?) throws(ControlClientError) -> ControlReply? {
    while true {
      if let end = input[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(input[..<end])
        input.removeSubrange(...end)
        searched = 0
        do {
          return try ControlLine.decode(ControlReply.self, line)
        } catch {
          throw .line(error)
        }
      }
      searched = input.count
      if try !read(until: deadline) { return nil }
    }
  }

  /// The descriptor that came with a reply; each can be taken once.
  package mutating func takeDescriptor() -> Descriptor? { passed.take() }

  /// False when the deadline came first.
  private mutating func read(until deadline: UInt64?) throws(ControlClientError) -> Bool {
    do {
      switch try socket.receivePassed() {
      case .message(var message):
        input += message.bytes
        if message.descriptorCount > 0 { passed = message.takeDescriptor(at: 0) }
        return true
      case .wouldBlock: return try Poller.wait(for: socket.raw, until: deadline)
      case .end: throw ControlClientError.closed
      }
    } catch {
      throw Self.words(error)
    }
  }

  private static func words(_ error: any Error) -> ControlClientError {
    switch error {
    case let error as ControlClientError: error
    case let error as SystemCallError: .failed(error)
    default: .closed
    }
  }
}
