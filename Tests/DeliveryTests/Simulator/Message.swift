import Delivery

/// The bytes of a batch, in flight or in a worker's memory, with the header that travels along.
struct Parcel {
  /// Named by the branch before the edge that it crosses next.
  var id: BatchID
  var records: [UInt64]
  /// For dead letters: where each stood in the batch.
  var indices: [UInt32] = []
  var lowWater: UInt64
  /// What the sender knows of it, for the wrong rule that warns in this way.
  var warning: Suspects.Suspect?
}

enum Message {
  case data(Parcel, from: Incarnation)
  case taken(BatchID, from: Incarnation)
  case done(BatchID, Tally, from: Incarnation)
  case peerUp(Incarnation)
  case peerDown(Incarnation)
  /// The receiver itself, if it is the one, or somebody below.
  case retire(Incarnation)
  case originEnded(SlotID, last: UInt64)
  case flush
  case drain
  case drainUpTo(UInt64)
  /// Suspects, for the wrong rules that have no page: of the receiver's own stage or of one below.
  case suspects([Suspects.Suspect])
}

/// A first-in, first-out link from one incarnation, or from the supervisor, to another.
struct Channel {
  let receiver: Int
  private var messages: [Message] = []
  private var head = 0
  private var lastArrival = 0

  init(receiver: Int) { self.receiver = receiver }

  /// Adds a message and returns when it arrives: never before the one ahead of it.
  mutating func send(_ message: Message, arrivingAt time: Int) -> Int {
    lastArrival = max(lastArrival + 1, time)
    messages.append(message)
    return lastArrival
  }

  /// The next message; nil if it was lost.
  mutating func receive() -> Message? {
    if head == messages.count { return nil }
    defer {
      head += 1
      if head == messages.count {
        messages.removeAll(keepingCapacity: true)
        head = 0
      }
    }
    return messages[head]
  }

  var pendingCount: Int { messages.count - head }

  /// Drops what was sent last: arrivals come in order, so exactly the dropped ones find nothing.
  mutating func lose(last count: Int) { messages.removeLast(count) }
}
