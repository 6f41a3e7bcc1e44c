/// What a delivery machine wants done. Actions are carried out in the order in which they were returned.
package enum DeliveryAction: Hashable, Sendable {
  /// Send the content to a downstream worker. The id is the receiver's name for it; the message itself
  /// carries the branch before this edge.
  case send(Content, BatchID, to: Incarnation)
  /// Return credit to an upstream worker.
  case sendTaken(BatchID, to: Incarnation)
  /// Tell an upstream worker that everything derived from the batch is done.
  case sendDone(BatchID, Tally, to: Incarnation)
  /// Drop one reference to the content.
  case release(Content)
}

/// A breach of the protocol that no kill explains: a bug, or state that was lost.
package struct DeliveryViolation: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}
