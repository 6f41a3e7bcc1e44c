import Glibc
import TestSupport
import Testing
import ZeroMQ

/// A directory of mode 0700 for sockets, removed with what is in it.
struct SocketDirectory {
  private let folder = TemporaryFolder()
  var path: String { folder.path }

  func endpoint(_ name: String) -> String { "ipc://\(path)/\(name)" }
}

/// The longest that a test waits for anything, in milliseconds.
let patience = 10_000

/// The next message, waited for; nil after the deadline.
func next(from socket: borrowing Socket) throws -> Message? {
  var poller = Poller()
  poller.add(socket)
  for _ in 0..<100 {
    if let message = try socket.receive() { return message }
    if try poller.wait(milliseconds: patience) == 0 { break }
  }
  return nil
}

/// The text of the next message, waited for; nil after the deadline.
func nextText(from socket: borrowing Socket) throws -> String? {
  guard let message = try next(from: socket) else { return nil }
  return message.withBytes { String(decoding: $0, as: UTF8.self) }
}

/// Whether there is nothing to receive now.
func isEmpty(_ socket: borrowing Socket) throws -> Bool {
  guard case .some = try socket.receive() else { return true }
  return false
}

/// A message with `text`.
func message(_ text: String) throws -> Message {
  var message = try Message(size: text.utf8.count)
  message.withMutableBytes { $0.copyBytes(from: text.utf8) }
  return message
}
