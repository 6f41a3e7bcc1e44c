import Glibc
import POSIXKit

/// Standard error without ever waiting for it: what it does not take at once is kept, within a bound, and what
/// is beyond that is dropped as whole records and counted.
///
/// Each record is offered in one write.
final class LineOutput {
  /// Bytes that may wait.
  static let mostWaiting = 1 << 20

  /// Lent, or the number of ``own``.
  private let descriptor: Int32
  private let own: Descriptor?
  private let isSocket: Bool
  /// It blocks, and can't be had otherwise: asked before each write.
  private let mayBlock: Bool
  private var waiting: [UInt8] = []
  private var sent = 0
  private(set) var dropped = 0
  /// Nobody reads it any more.
  private var isGone = false

  /// Lends the descriptor. Its mode is left alone, which the programs that share it would see: what could block
  /// is opened once more instead.
  init(_ lent: Int32) {
    var status = stat()
    let kind = fstat(lent, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
    isSocket = kind == S_IFSOCK
    guard kind == S_IFIFO || kind == S_IFCHR else {
      descriptor = lent
      own = nil
      mayBlock = false
      return
    }
    do {
      let opened = try Descriptor.open("/proc/self/fd/\(lent)", O_WRONLY | O_NONBLOCK | O_NOCTTY)
      descriptor = opened.raw
      own = consume opened
      mayBlock = false
    } catch {
      descriptor = lent
      own = nil
      mayBlock = true
    }
  }

  func write(_ text: String) {
    let bytes = Array(text.utf8) + [UInt8(ascii: "\n")]
    if waiting.count - sent + bytes.count > Self.mostWaiting || isGone {
      dropped += 1
      return
    }
    waiting += bytes
    flush()
  }

  func watch(in poller: inout Poller, token: Int) {
    if sent < waiting.count { poller.watch(descriptor, for: .writable, token: token) }
  }

  /// Writes what goes now.
  func flush() {
    while sent < waiting.count {
      if mayBlock && !isReady { return }
      // A pipe that has room at all has room for this much.
      let count = mayBlock ? min(waiting.count - sent, Int(PIPE_BUF)) : waiting.count - sent
      let written = waiting.withUnsafeBytes { bytes in
        let start = bytes.baseAddress! + sent
        return isSocket
          ? Glibc.send(descriptor, start, count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
          : Glibc.write(descriptor, start, count)
      }
      if written >= 0 {
        sent += written
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        // A reader that is gone, or a full disk: a run does not end for its log.
        dropped += 1
        isGone = errno == EPIPE || errno == ECONNRESET
        break
      }
    }
    waiting.removeAll(keepingCapacity: true)
    sent = 0
  }

  private var isReady: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, 0) > 0
  }

  /// Waits for what is left, and says how many records did not get out: these and `others`.
  func close(dropped others: Int, until deadline: UInt64) {
    drain(until: deadline)
    let lost = dropped + others
    if lost == 0 || isGone { return }
    dropped = 0
    write("(\(lost) \(lost == 1 ? "message was" : "messages were") dropped: standard error was too slow)")
    drain(until: deadline)
  }

  private func drain(until deadline: UInt64) {
    while sent < waiting.count,
      (try? Poller.wait(for: descriptor, .writable, until: deadline)) == true
    { flush() }
  }
}
