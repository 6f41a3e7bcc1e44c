import ArgumentParser
import Control
import Glibc
import POSIXKit

/// Draws readings of a live run until it ends or nobody looks any more. Its own process draws: the run only lent
/// its pages, and is asked for its status once for each reading.
final class TopLoop {
  enum Style { case screen, plain, json }

  private static let inputToken = 0
  private static let signalToken = 1
  private static let runToken = 2

  private var run: LiveRun
  private let memory: SharedMemory
  private let layout: PagesLayout
  private let interval: Duration
  private var status: RunStatus
  private var before: TopSample
  /// When the status was asked for that has not come yet; 0: it has.
  private var askedAt: UInt64 = 0
  private var end: RunEnd?

  /// Asks the run for its pages, and takes the first sample.
  init(_ found: FoundRun, interval: Duration) throws {
    var run = try LiveRun(found)
    layout = try Self.layout(&run)
    guard let descriptor = run.client.takeDescriptor() else {
      throw LiveRun.failure("the run did not pass on its pages")
    }
    memory = try Self.map(descriptor)
    self.interval = interval
    status = run.status
    before = TopSample(layout, base: memory.bytes.baseAddress!)
    try run.send(.end)
    self.run = run
  }

  private static func layout(_ run: inout LiveRun) throws -> PagesLayout {
    switch try run.ask(.pages) {
    case .pages(let layout): return layout
    case .refused(let text): throw LiveRun.failure(text)
    case .end(let end): throw LiveRun.failure("the run has ended: \(end.text)")
    case let other: throw CommandOutcome.unexpected(other)
    }
  }

  private static func map(_ descriptor: consuming Descriptor) throws -> SharedMemory {
    do {
      return try SharedMemory(lookingAt: descriptor)
    } catch {
      throw LiveRun.failure("the run's pages can't be looked at: \(error)")
    }
  }

  /// One reading over one interval.
  func once(_ style: Style) throws {
    var poller = Poller()
    _ = try poller.wait(until: MonotonicClock.deadline(after: interval))
    switch try run.ask(.status) {
    case .status(let now): status = now
    case .end(let end): throw LiveRun.failure("the run has ended: \(end.outcome)")
    case let other: throw CommandOutcome.unexpected(other)
    }
    try show(reading(), style)
  }

  /// Readings until the run ends, a key is pressed or a signal comes. Returns the signal that ended it.
  func watch(_ style: Style) throws -> Int32? {
    let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGHUP, SIGWINCH])
    let screen = style == .screen ? FullScreen.take() : nil
    // Soon, where somebody waits for something to see.
    var next = MonotonicClock.deadline(after: screen == nil ? interval : .milliseconds(200))
    var shown: TopReading?
    while end == nil {
      var poller = Poller()
      if screen != nil { poller.watch(0, token: Self.inputToken) }
      poller.watch(signals.descriptor.raw, token: Self.signalToken)
      poller.watch(run.client.descriptor, token: Self.runToken)
      for found in try poller.wait(until: next) {
        switch found.token {
        case Self.inputToken: if screen?.wasQuit() == true { return nil }
        case Self.signalToken:
          for arrival in try signals.read() {
            if arrival.signal != SIGWINCH { return arrival.signal }
            if let shown { Self.draw(shown, on: screen) }
          }
        default: try takeReplies()
        }
      }
      if MonotonicClock.now() < next || end != nil { continue }
      next = MonotonicClock.deadline(after: interval)
      try askStatus()
      let made = reading()
      shown = made
      if screen == nil { try show(made, style) } else { Self.draw(made, on: screen) }
    }
    return nil
  }

  private func takeReplies() throws {
    while let reply = try run.receive(until: 0) {
      switch reply {
      case .status(let now):
        status = now
        askedAt = 0
      case .end(let found): end = found
      case let other: throw CommandOutcome.unexpected(other)
      }
      if end != nil { return }
    }
  }

  /// The answer comes while the loop goes on; a supervisor that stands still is noticed all the same.
  private func askStatus() throws {
    let now = MonotonicClock.now()
    if askedAt == 0 {
      askedAt = now
      try run.send(.status)
    } else if now > MonotonicClock.later(askedAt, by: LiveRun.patience) {
      throw LiveRun.failure("the run does not answer any more")
    }
  }

  private func reading() -> TopReading {
    let now = TopSample(layout, base: memory.bytes.baseAddress!)
    defer { before = now }
    return TopReading(status, from: before, to: now)
  }

  private func show(_ reading: TopReading, _ style: Style) throws {
    switch style {
    case .json: try Terminal.printJSONLine(TopDocument(reading))
    case .plain, .screen: for line in TopScreen(reading: reading).lines { Terminal.printOutput(line) }
    }
  }

  private static func draw(_ reading: TopReading, on screen: FullScreen?) {
    guard let screen else { return }
    let (width, height) = screen.size
    screen.show(TopScreen(reading: reading).fitted(width: width, height: height - 1) + ["q quits"])
  }

  /// How the run ended, where that is why there is no more to see.
  var ending: RunEnd? { end }
}
