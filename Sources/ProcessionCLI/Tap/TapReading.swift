import Control
import Glibc
import POSIXKit
import Records
import Worker

/// The loop of a tap's reader: shows what comes until it is told to end, has enough, or the run is over.
///
/// While its output is not read it takes nothing, so that workers find its socket full and count instead.
struct TapReading: ~Copyable {
  enum End {
    /// As many records as were wanted, or nobody reads the output any more.
    case enough
    case signal
    case runEnded
    case failed(String)
  }

  private enum Token: Int { case signal, output, datagram, control }

  private let signals: SignalDescriptor
  private let socket: TapSocket
  /// Has set up the tap, which lasts as long as the connection.
  private var run: LiveRun
  private(set) var lines: TapLines
  private var output = BatchBuffer(headroom: 0, capacity: TapDatagram.mostBytes)
  private var poller = Poller()
  private var noticedAt: UInt64 = 0
  private var noticed: UInt64 = 0

  /// A pipe takes so many bytes at once where it is writable at all.
  private static let portion = 4096
  private static let noticeInterval: UInt64 = 5_000_000_000

  init(
    signals: consuming SignalDescriptor, socket: consuming TapSocket, run: consuming LiveRun,
    lines: consuming TapLines
  ) {
    self.signals = signals
    self.socket = socket
    self.run = run
    self.lines = lines
  }

  mutating func read() throws(SystemCallError) -> End {
    while true {
      if isRunOver() {
        // What was sent before the end is still shown.
        while try receive() { if let end = try write() { return end } }
        return .runEnded
      }
      poller.removeAll()
      poller.watch(signals.descriptor.raw, token: Token.signal.rawValue)
      poller.watch(socket.socket.descriptor.raw, token: Token.datagram.rawValue)
      poller.watch(run.client.descriptor, token: Token.control.rawValue)
      let tokens = try poller.wait(until: nextNotice).map(\.token)
      if tokens.contains(Token.signal.rawValue) { return .signal }
      if tokens.contains(Token.datagram.rawValue), try receive(), let end = try write() { return end }
      if lines.isFull { return .enough }
      tellDropped()
    }
  }

  /// How it was, in a line.
  func closing(_ end: End) -> String {
    var parts = ["\(RunSummary.count(Int(clamping: lines.shown), "record")) shown"]
    if lines.dropped > 0 {
      parts.append("\(Figures.grouped(lines.dropped)) more came faster than they were read")
    }
    if lines.tooLong > 0 { parts.append("\(Figures.grouped(lines.tooLong)) were longer than a message") }
    if let text = lines.filterFailure { parts.append(text) }
    switch end {
    case .runEnded: parts.append("the run has ended")
    case .failed(let text): parts.append(text)
    case .enough, .signal: break
    }
    return parts.joined(separator: "; ")
  }

  /// Looks, without waiting, whether the run has said that it ends, or is gone.
  private mutating func isRunOver() -> Bool {
    while true {
      do throws(ControlClientError) {
        switch try run.client.receive(until: 0) {
        case nil: return false
        case .end?, .error?: return true
        default: continue
        }
      } catch {
        return true
      }
    }
  }

  /// Takes a datagram, if one has come. One that no worker of this version sends is passed over.
  private mutating func receive() throws(SystemCallError) -> Bool {
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: TapDatagram.mostBytes, alignment: 16)
    defer { space.deallocate() }
    guard let count = try socket.socket.receive(into: space) else { return false }
    try? lines.take(UnsafeRawBufferPointer(rebasing: space[..<count]), into: &output)
    return true
  }

  /// Writes what there is to standard output, as it is taken. Not nil where that is the end of it all.
  private mutating func write() throws(SystemCallError) -> End? {
    defer { output.removeAll() }
    var from = 0
    while from < output.count {
      poller.removeAll()
      poller.watch(signals.descriptor.raw, token: Token.signal.rawValue)
      poller.watch(1, for: .writable, token: Token.output.rawValue)
      let ready = try poller.wait(until: nil)
      if ready.contains(where: { $0.token == Token.signal.rawValue }) { return .signal }
      let written = output.withPayload { bytes in
        Glibc.write(1, bytes.baseAddress! + from, min(Self.portion, bytes.count - from))
      }
      if written >= 0 {
        from += written
      } else if errno != EINTR && errno != EAGAIN {
        if errno == EPIPE { return .enough }
        return .failed("\(SystemCallError.last("write", "standard output"))")
      }
    }
    return nil
  }

  private var missed: UInt64 { lines.dropped + lines.tooLong }

  private var nextNotice: UInt64? { missed > noticed ? noticedAt + Self.noticeInterval : nil }

  /// Tells now and then how many records were not shown.
  private mutating func tellDropped() {
    let now = MonotonicClock.now()
    guard let nextNotice, nextNotice <= now else { return }
    Terminal.printError(
      "\(RunSummary.count(Int(clamping: missed - noticed), "record")) not shown: they came faster than they were read"
    )
    noticed = missed
    noticedAt = now
  }
}
