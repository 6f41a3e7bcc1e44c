import Delivery

/// A worker as the fake world plays it, and what it has been told.
struct FakeProcess {
  let worker: Incarnation
  /// It has said that it is ready.
  var isReady = false
  /// The supervisor has ordered its death.
  var isCondemned = false
  var isStopped = false
  /// It leaves when it has finished what it has: in this world, whenever it likes.
  var isRetiring = false
  var isPaused = false
  var isFlushed = false
  /// It has been told to drain; it says where it stands once.
  var isDrained = false
  var hasPaused = false
  var drainTarget: UInt64?
  /// By position of the neighbour: the epoch that it was told is up, 0 for none.
  var known: [UInt32]
  /// By position of the neighbour: the highest epoch that it ever was told of.
  var heard: [UInt32]
  /// By position of the origin: the last sequence that it was told, where it was.
  var ends: [UInt64?]
  var hasAnnouncedEnd = false
  var hasReported = false

  init(_ worker: Incarnation, slots: Int) {
    self.worker = worker
    known = Array(repeating: 0, count: slots)
    heard = known
    ends = Array(repeating: nil, count: slots)
  }

  /// Its neighbours may talk to it.
  var isAnnounced: Bool { isReady && !isCondemned }
}

/// What the machine got wrong.
struct Wrong: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
