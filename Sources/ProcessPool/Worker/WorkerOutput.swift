import CPOSIX
import Multiprocessing
import POSIXKit
import ZeroMQ

/// What a worker has done and not told yet, and the page on which it says what it is at.
///
/// Results are told when there is nothing else to do, when enough have come together, and when some time has
/// passed since the last were: so trivial tasks share a message, and long ones do not wait for each other.
final class WorkerOutput: RemoteRun {
  /// Bytes after which results are sent.
  private static let portion = 64 << 10
  /// Ticks after which results are sent: between a tenth of a millisecond and two.
  private static let longestWait: UInt64 = 1_000_000
  /// Results that are encoded together.
  private static let mostHeld = 4096

  let worker: String
  private let place: PoolWorker
  private let socket: Socket
  private let page: WorkerPage?
  private var builder: MessageBuilder
  private var isEmpty = true
  private var flushedAt: UInt64 = 0
  /// The tasks have a time limit: the pool wants to know when each began.
  private var isTimed = false
  /// The handing whose results are being collected.
  private var ticket: UInt64 = 0
  private var first = 0
  /// How many of its tasks have something here, or sent.
  private(set) var told = 0
  /// Where the section's count and form stand; the count is written at its end.
  private var section = 0
  private var sectionCount: UInt32 = 0
  private var isInSection = false
  /// In ticks: when the task in hand began.
  private var now: UInt64 = 0

  init(_ place: PoolWorker, worker: String, _ socket: consuming Socket, page: WorkerPage?) {
    self.place = place
    self.worker = worker
    self.socket = socket
    self.page = page
    builder = MessageBuilder(capacity: 1024)
    PoolMessage.head(PoolMessage.Report.results, place, &builder)
  }

  func send(_ message: consuming Message) throws(ZeroMQError) {
    page?.countMessage()
    try socket.send(message)
  }

  /// Before the first task of a handing. False where it was given to another.
  func begin(_ handing: HandedTasks) -> Bool {
    if let begins = page?.begin(handing.ticket, at: handing.place), !begins { return false }
    ticket = handing.ticket
    isTimed = handing.isTimed
    first = handing.first
    told = 0
    return true
  }

  func isDue(holding held: Int) -> Bool {
    now = cposix_ticks()
    // A worker without a page is known by its results.
    if page == nil { return held > 0 || !isEmpty }
    return isDueNow || held >= Self.mostHeld
  }

  private var isDueNow: Bool { now &- flushedAt > Self.longestWait || builder.count > Self.portion }

  func enter(_ index: Int) {
    page?.enter(ticket, first + index, at: isTimed ? MonotonicClock.now() : 0)
  }

  /// After the last task of a handing, when all its results were added.
  func leave() throws(ZeroMQError) {
    page?.leave()
    endSection()
    if page == nil || isDueNow { try flush() }
  }

  func add(values: [UInt8], count: Int) {
    values.withUnsafeBytes { add(count: count, form: PoolMessage.Form.array, $0) }
  }

  func add(bytes: UnsafeRawBufferPointer) { add(count: 1, form: PoolMessage.Form.bytes, bytes) }

  private func add(count: Int, form: UInt32, _ bytes: UnsafeRawBufferPointer) {
    endSection()
    beginSection(form)
    builder.appendField(bytes)
    sectionCount = UInt32(count)
    told += count
    endSection()
  }

  /// One task's result.
  func add(result bytes: [UInt8]) {
    if !isInSection { beginSection(PoolMessage.Form.each) }
    builder.appendField(bytes)
    sectionCount += 1
    told += 1
  }

  func add(failure bytes: [UInt8]) {
    if !isInSection { beginSection(PoolMessage.Form.each) }
    builder.appendFailure(bytes)
    sectionCount += 1
    told += 1
  }

  func flush() throws(ZeroMQError) {
    endSection()
    flushedAt = now
    if isEmpty { return }
    isEmpty = true
    let message = try builder.finish()
    PoolMessage.head(PoolMessage.Report.results, place, &builder)
    try send(message)
  }

  private func beginSection(_ form: UInt32) {
    builder.append(ticket)
    section = builder.count
    builder.append(UInt32(0))
    builder.append(form)
    sectionCount = 0
    isInSection = true
    isEmpty = false
  }

  private func endSection() {
    guard isInSection else { return }
    builder.replace(at: section, with: sectionCount)
    isInSection = false
  }
}
