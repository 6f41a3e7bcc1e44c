import POSIXKit
import ZeroMQ

/// What a worker has done and not told yet, and the page on which it says what it is at.
///
/// Results are told when there is nothing else to do, when enough have come together, and when some time has
/// passed since the last were: so trivial tasks share a message, and long ones do not wait for each other.
struct WorkerOutput: ~Copyable {
  /// Bytes after which results are sent.
  private static let portion = 64 << 10
  /// Nanoseconds after which results are sent.
  private static let longestWait: UInt64 = 2_000_000

  private let worker: PoolWorker
  private let socket: Socket
  private let page: WorkerPage?
  private var builder: MessageBuilder
  private var isEmpty = true
  private var flushedAt: UInt64 = 0
  /// The handing whose results are being collected.
  private var ticket: UInt64 = 0
  /// Where the section's count and form stand; the count is written at its end.
  private var section = 0
  private var sectionCount: UInt32 = 0
  private var isInSection = false
  /// When the task in hand began.
  private var now: UInt64 = 0

  init(_ worker: PoolWorker, _ socket: consuming Socket, page: consuming WorkerPage?) {
    self.worker = worker
    self.socket = socket
    self.page = page
    builder = MessageBuilder(capacity: 1024)
    PoolMessage.head(PoolMessage.Report.results, worker, &builder)
  }

  func send(_ message: consuming Message) throws(ZeroMQError) {
    page?.countMessage()
    try socket.send(message)
  }

  /// Before the first task of a handing. False where it was given to another.
  mutating func begin(_ handing: HandedTasks) throws(ZeroMQError) -> Bool {
    if let begins = page?.begin(handing.ticket, at: handing.place), !begins { return false }
    ticket = handing.ticket
    return true
  }

  /// Before each task: whether what was done should be told first.
  mutating func isDue() -> Bool {
    now = MonotonicClock.now()
    return now &- flushedAt > Self.longestWait || builder.count > Self.portion
  }

  /// Right after that, and after `flush` where it is due: the task begins.
  func enter(_ index: Int) { page?.enter(ticket, index, at: now) }

  /// After the last task of a handing, when all its results were added.
  mutating func leave() throws(ZeroMQError) {
    page?.leave()
    endSection()
    // A worker without a page is known by its results.
    if page == nil || isDue() { try flush() }
  }

  /// Results of the next tasks, in a form other than `each`.
  mutating func add(count: Int, form: UInt32, _ bytes: UnsafeRawBufferPointer) {
    endSection()
    beginSection(form)
    builder.appendField(bytes)
    sectionCount = UInt32(count)
    endSection()
  }

  /// One task's result.
  mutating func add(result bytes: UnsafeRawBufferPointer) {
    if !isInSection { beginSection(PoolMessage.Form.each) }
    builder.appendField(bytes)
    sectionCount += 1
  }

  /// One task's error.
  mutating func add(failure bytes: [UInt8]) {
    if !isInSection { beginSection(PoolMessage.Form.each) }
    builder.appendFailure(bytes)
    sectionCount += 1
  }

  /// Sends what there is.
  mutating func flush() throws(ZeroMQError) {
    endSection()
    flushedAt = now
    if isEmpty { return }
    isEmpty = true
    let message = try builder.finish()
    PoolMessage.head(PoolMessage.Report.results, worker, &builder)
    try send(message)
  }

  private mutating func beginSection(_ form: UInt32) {
    builder.append(ticket)
    section = builder.count
    builder.append(UInt32(0))
    builder.append(form)
    sectionCount = 0
    isInSection = true
    isEmpty = false
  }

  private mutating func endSection() {
    guard isInSection else { return }
    builder.replace(at: section, with: sectionCount)
    isInSection = false
  }
}
