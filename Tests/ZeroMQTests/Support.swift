import Glibc
import Testing
import ZeroMQ

/// A directory of mode 0700 for sockets, removed with what is in it.
struct SocketDirectory: ~Copyable {
  let path: String

  init() throws {
    var template = Array("/tmp/zmq-test-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  func endpoint(_ name: String) -> String { "ipc://\(path)/\(name)" }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { unlink("\(path)/\(name)") }
      }
      closedir(directory)
    }
    rmdir(path)
  }
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
