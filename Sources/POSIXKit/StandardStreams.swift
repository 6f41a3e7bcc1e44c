import Glibc

/// Descriptors 0, 1 and 2 as a program finds them at its start.
package enum StandardStreams {
  /// Fills those that are closed, so that no file opened later gets their numbers and is taken for output.
  /// Reads of what fills 0 and writes to what fills 1 and 2 fail with EBADF, as they would have.
  package static func fillClosed() {
    for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
      // The lowest free number is this one: those below were filled before.
      _ = open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes a line to standard error: for what does not end anything.
  package static func say(_ line: String) {
    var text = line + "\n"
    text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }

  /// Writes bytes to standard error, all of them unless nobody reads there.
  package static func write(toError bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      start += max(0, count)
    }
  }
}
