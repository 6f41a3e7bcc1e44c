import Glibc
import Multiprocessing
import POSIXKit
import ZeroMQ

/// One life of a slot: its process, its page, what goes to it and what came from it.
final class WorkerSeat {
  let plan: WorkerPlan
  var process: StartedProcess
  /// Nil beyond the machine.
  let page: WorkerPage?
  /// There as soon as the worker listens.
  var outbox: PoolTransport.Outbox?
  /// Beyond the machine: its standard input, whose end it takes for the pool's.
  var lifeline: Descriptor?
  var tail = OutputTail()
  /// Orders that have not been sent.
  var orders = MessageBuilder()
  var hasUnsent = false
  /// Beyond the machine: since when its orders wait for its connection, 0 where none do.
  var waitsSince: UInt64 = 0
  /// Orders can go out: it has connected.
  var isConnected = false
  /// Messages that came from it.
  var received: UInt64 = 0
  /// How it ended, and until when what it had sent is waited for.
  var ended: (status: ExitStatus, waitUntil: UInt64)?
  /// By place: the handings that it has.
  private var tickets = [UInt64](repeating: 0, count: WorkerPage.places)
  private var handed = 0

  var worker: PoolWorker { plan.worker }

  init(
    _ plan: WorkerPlan, _ process: consuming StartedProcess, page: WorkerPage?,
    outbox: PoolTransport.Outbox?, lifeline: consuming Descriptor?
  ) {
    self.plan = plan
    self.process = process
    self.page = page
    self.outbox = outbox
    self.lifeline = lifeline
  }

  /// Offers a handing and returns its place.
  func offer(_ ticket: UInt64) -> Int {
    let place = handed
    handed += 1
    tickets[place % WorkerPage.places] = ticket
    page?.offer(ticket, at: place)
    return place
  }

  /// Whether the worker will not begin it.
  func recall(_ ticket: UInt64) -> Bool {
    guard let place = tickets.firstIndex(of: ticket) else { return false }
    return page?.recall(ticket, at: place) ?? false
  }

  /// All that it sent has come, or will not.
  func isSettled(_ now: UInt64) -> Bool {
    guard let ended else { return false }
    if ended.waitUntil <= now { return true }
    // Without a page nobody knows how much is on its way.
    guard let page else { return false }
    return page.messagesSent <= received
  }
}
