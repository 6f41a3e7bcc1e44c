/// One client of a control socket: what it has sent, what it waits for, and what it is still to get.
///
/// Requests are served in order. While a command is waited for, or the client does not read, nothing more of
/// it is served, so that it can't make the run hoard. Times are monotonic nanoseconds.
package struct ControlConnectionStateMachine: Sendable {
  /// How much a client may cost.
  package struct Limits: Sendable {
    package var lineBytes = ControlLine.longestRequest
    /// Replies that are queued at most.
    package var queuedBytes = 1 << 20
    /// Nothing more is served while more than this is queued.
    package var servedBytes = 256 << 10
    /// For the rest of a line, and for replies that nobody reads.
    package var patience: UInt64 = 10_000_000_000
    /// For the next request of a client that waits for nothing.
    package var quiet: UInt64 = 60_000_000_000

    package init() {}
  }

  /// A reply, or a part of the log.
  package struct Chunk: Sendable, Equatable {
    package var bytes: [UInt8]
    /// The descriptor of the memory goes with its first byte.
    package var passesPages = false
  }

  private struct Following: Sendable {
    var name: String?
    var lost: UInt64 = 0
  }

  private let limits: Limits
  /// What came and is not served.
  private var input: [UInt8] = []
  /// How much of it holds no newline.
  private var searched = 0
  private var isInputOver = false
  /// When the line at its end began.
  private var lineBegan: UInt64?
  private var lastHeard: UInt64

  private var output: [Chunk] = []
  /// How much of the first chunk is sent.
  private var sentOfFirst = 0
  package private(set) var queuedBytes = 0
  private var lastProgress: UInt64

  /// The command whose end is waited for.
  package private(set) var awaited: ControlCommand?
  private var following: Following?
  private var awaitsEnd = false
  /// Paths of the taps that it has set up.
  package private(set) var taps: [String] = []
  /// Gets what is queued, and no more.
  private var isEnding = false
  /// Gets nothing more.
  private var isLost = false

  package init(limits: Limits = Limits(), now: UInt64) {
    self.limits = limits
    lastHeard = now
    lastProgress = now
  }

  package mutating func received(_ bytes: some Collection<UInt8>, now: UInt64) {
    lastHeard = now
    if isEnding { return }
    input += bytes
    noteHalfLine(now: now)
  }

  /// The client writes no more. It gets what it has asked for.
  package mutating func inputEnded() { isInputOver = true }

  /// So many bytes of ``nextOutput`` were taken.
  package mutating func sent(_ count: Int, now: UInt64) {
    lastProgress = now
    queuedBytes -= count
    sentOfFirst += count
    if let first = output.first, sentOfFirst == first.bytes.count {
      output.removeFirst()
      sentOfFirst = 0
    }
    if queuedBytes == 0 { tellLost() }
  }

  /// The client is gone, or its socket is broken.
  package mutating func wasLost() { isLost = true }

  /// Whether to read from it.
  package var wantsInput: Bool {
    !isInputOver && !isEnding && !isLost && awaited == nil && input.count <= limits.lineBytes
  }

  /// The rest of the first chunk, and whether the descriptor goes with it.
  package var nextOutput: (bytes: ArraySlice<UInt8>, passesPages: Bool)? {
    output.first.map { ($0.bytes[sentOfFirst...], $0.passesPages && sentOfFirst == 0) }
  }

  /// Whether nothing is left to do for it.
  package var shouldClose: Bool {
    if isLost { return true }
    if queuedBytes > 0 { return false }
    return isEnding || (isInputOver && !hasRequest && !awaitsAnything)
  }

  /// The next request that may be served. A line that is none is answered here.
  package mutating func nextRequest(now: UInt64) -> ControlRequest? {
    while awaited == nil && !isEnding && !isLost && queuedBytes <= limits.servedBytes {
      guard let line = takeLine(now: now) else { return nil }
      if line.isEmpty { continue }
      do {
        return try ControlLine.decode(ControlRequest.self, line)
      } catch {
        answer(.error(error.description), now: now)
      }
    }
    return nil
  }

  private var hasRequest: Bool { input.contains(UInt8(ascii: "\n")) }

  private mutating func takeLine(now: UInt64) -> [UInt8]? {
    let newline = UInt8(ascii: "\n")
    guard let end = input[searched...].firstIndex(of: newline), end <= limits.lineBytes else {
      searched = input.count
      if input.count > limits.lineBytes {
        answer(.error("a line has \(limits.lineBytes) bytes at most"), now: now)
        finish()
      }
      return nil
    }
    var line = Array(input[..<end])
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    input.removeSubrange(...end)
    searched = 0
    lineBegan = nil
    noteHalfLine(now: now)
    return line
  }

  private mutating func noteHalfLine(now: UInt64) {
    if input.isEmpty || input.last == UInt8(ascii: "\n") {
      lineBegan = nil
    } else if lineBegan == nil {
      lineBegan = now
    }
  }

  package mutating func answer(_ reply: ControlReply, now: UInt64) {
    var passes = false
    if case .pages = reply { passes = true }
    let line = ControlLine.encode(reply) + [UInt8(ascii: "\n")]
    if queuedBytes + line.count > limits.queuedBytes {
      isLost = true
      return
    }
    queue(Chunk(bytes: line, passesPages: passes), now: now)
  }

  /// Answers a command; `waits` keeps the client until ``settled(now:)``.
  package mutating func answer(
    _ command: ControlCommand, _ answer: ControlAnswer, waits: Bool, now: UInt64
  ) {
    switch answer {
    case .refused(let text): self.answer(.refused(text), now: now)
    case .accepted(let text):
      self.answer(.accepted(text), now: now)
      if waits { awaited = command }
      switch command {
      case .tap(let request): taps.append(request.path)
      case .untap(let path): taps.removeAll { $0 == path }
      case .scale, .restart, .pause, .resume, .drain, .stopNow: break
      }
    }
  }

  /// What the awaited command began has come to its end.
  package mutating func settled(now: UInt64) {
    awaited = nil
    lastHeard = now
    // It was not read from meanwhile.
    if lineBegan != nil { lineBegan = now }
    answer(.settled, now: now)
  }

  package mutating func awaitEnd() { awaitsEnd = true }

  /// Tells the last records of the log, then those that come where it follows.
  package mutating func tellLog(
    _ records: some Collection<LogRecord>, of name: String?, lines: Int, follows: Bool, now: UInt64
  ) {
    tellLost()
    following = Following(name: name)
    for record in records.filter({ Self.concerns($0, name) }).suffix(lines) {
      publish(record, line: Self.line(record), now: now)
    }
    tellLost()
    answer(.logsTold, now: now)
    if !follows { following = nil }
  }

  /// Whether it gets a new record.
  package func follows(_ record: LogRecord) -> Bool {
    following.map { Self.concerns(record, $0.name) } ?? false
  }

  /// Queues a record's line, or counts it as lost where the client is too slow.
  package mutating func publish(_ record: LogRecord, line: [UInt8], now: UInt64) {
    guard follows(record), !isEnding, !isLost else { return }
    // Room is left for the answers to what it may ask meanwhile.
    if following!.lost > 0 || queuedBytes + line.count > limits.queuedBytes - limits.servedBytes {
      following!.lost += 1
    } else {
      queue(Chunk(bytes: line), now: now)
    }
  }

  package static func line(_ record: LogRecord) -> [UInt8] {
    ControlLine.encode(ControlReply.log(record)) + [UInt8(ascii: "\n")]
  }

  /// The run is over: whoever is still here is told, gets what is queued, and no more.
  package mutating func runEnded(_ end: RunEnd, now: UInt64) {
    if isEnding || isLost { return }
    tellLost()
    answer(.end(end), now: now)
    awaited = nil
    finish()
  }

  /// The client can't be served.
  package mutating func refuse(_ text: String, now: UInt64) {
    answer(.error(text), now: now)
    finish()
  }

  private mutating func finish() {
    isEnding = true
    input = []
    lineBegan = nil
  }

  private mutating func tellLost() {
    guard let lost = following?.lost, lost > 0 else { return }
    following!.lost = 0
    queue(Chunk(bytes: ControlLine.encode(ControlReply.lost(lost)) + [UInt8(ascii: "\n")]), now: lastProgress)
  }

  private mutating func queue(_ chunk: Chunk, now: UInt64) {
    if queuedBytes == 0 { lastProgress = now }
    output.append(chunk)
    queuedBytes += chunk.bytes.count
  }

  private static func concerns(_ record: LogRecord, _ name: String?) -> Bool {
    name == nil || record.stage == name || record.slot == name
  }

  private var awaitsAnything: Bool { awaited != nil || awaitsEnd || following != nil || !taps.isEmpty }

  /// When ``deadlineReached(now:)`` is to be called; nil: never.
  package var nextDeadline: UInt64? {
    if shouldClose { return 0 }
    if queuedBytes > 0 {
      // A log that is read slowly costs its reader lines, not the connection.
      return following != nil && !isEnding ? nil : lastProgress + limits.patience
    }
    if awaited != nil || isEnding { return nil }
    if let lineBegan { return lineBegan + limits.patience }
    return awaitsAnything ? nil : lastHeard + limits.quiet
  }

  package mutating func deadlineReached(now: UInt64) {
    guard !shouldClose, let deadline = nextDeadline, deadline <= now else { return }
    if queuedBytes > 0 {
      isLost = true
    } else if lineBegan != nil {
      refuse("the rest of the line did not come within \(limits.patience / 1_000_000_000) s", now: now)
    } else {
      refuse("nothing was asked for \(limits.quiet / 1_000_000_000) s", now: now)
    }
  }
}
