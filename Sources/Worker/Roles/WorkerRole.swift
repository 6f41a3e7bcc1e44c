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
  /// Does one batch's worth of work.
  func work() throws -> RoleProgress
  /// Batches that wait here; of a source, those that it has in flight.
  var queueLength: Int { get }
  /// Whether it has nothing to do because nobody below takes anything.
  var waitsForOutput: Bool { get }
}

/// A message that a worker of this kind never gets: a bug in whoever sent it.
func unexpected(_ what: String, _ worker: Incarnation) -> DeliveryViolation {
  DeliveryViolation("\(worker) got \(what), which is not for a worker of its kind")
}
