import FoundationEssentials
import Glibc

/// The two streams of a command: standard output carries data or JSON only, standard error all else.
enum Terminal {
  static func printOutput(_ text: String) { write(text + "\n", to: 1) }

  static func printError(_ text: String) { write(text + "\n", to: 2) }

  static func printJSON(_ document: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    printOutput(String(decoding: try encoder.encode(document), as: UTF8.self))
  }

  /// One object on one line, as streams print them.
  static func printJSONLine(_ document: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    printOutput(String(decoding: try encoder.encode(document), as: UTF8.self))
  }

  static var errorIsTerminal: Bool { isatty(2) == 1 }

  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
        if count >= 0 {
          sent += count
        } else if errno == EAGAIN {
          var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&entry, 1, 1000)
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}
