import Coordination
import Delivery

/// What a role found to do.
enum RoleProgress {
  /// Something was done; there may be more.
  case busy
  /// Nothing to do until a message comes.
  case idle
  /// Nothing to do until a message comes or this time has come (monotonic nanoseconds).
  case until(UInt64)
  /// Nothing is left to do, as it was told to retire.
  case left
  /// Nothing to do until a message comes, this descriptor is readable or this time has come.
  case waiting(descriptor: Int32?, until: UInt64?)
}

/// One of the three kinds of worker, behind the loop that they share.
protocol WorkerRole: AnyObject {
  func peerCameUp(_ peer: Incarnation) throws
  func peerWentDown(_ peer: Incarnation) throws
  /// Data came in; `id` has the branch of this edge.
  func batchArrived(_ batch: HeldBatch, id: BatchID) throws
  func takenArrived(_ id: BatchID, from peer: Incarnation) throws
  func doneArrived(_ id: BatchID, tally: Tally) throws
  func originEnded(_ origin: SlotID, last: UInt64) throws
  func flush() throws
  func drain() throws
  func drain(upTo last: UInt64) throws
  /// A worker below is to leave, and gets nothing new.
  func peerRetires(_ peer: Incarnation) throws
  /// Finish what is there, then leave.
  func retire() throws
  /// Read nothing until told to go on.
  func pause() throws
  func resume() throws
  /// Does one batch's worth of work.
  func work() throws -> RoleProgress
  /// Batches that wait here; of a source, those that it has in flight.
  var queueLength: Int { get }
  /// Whether it has nothing to do because nobody below takes anything.
  var waitsForOutput: Bool { get }
}

/// What most kinds of worker never get.
extension WorkerRole {
  func peerRetires(_ peer: Incarnation) throws { throw unexpected("word that \(peer) retires") }
  func retire() throws { throw unexpected("an order to retire") }
  func pause() throws { throw unexpected("an order to pause") }
  func resume() throws { throw unexpected("an order to go on") }
}

/// A message that a worker of this kind never gets: a bug in whoever sent it.
func unexpected(_ what: String, _ worker: Incarnation? = nil) -> DeliveryViolation {
  DeliveryViolation("\(worker.map { "\($0)" } ?? "a worker") got \(what), which is not for one of its kind")
}
