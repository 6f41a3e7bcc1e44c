import Delivery

/// Everything that a worker tells its machine, as a value, so that a wrong rule can stand in between.
enum Input {
  case peerUp(Incarnation)
  case peerDown(Incarnation)
  case retire(Incarnation)
  case data(BatchID, Content, records: Int, lowWater: UInt64, from: Incarnation)
  case taken(BatchID, from: Incarnation)
  case done(BatchID, Tally, from: Incarnation)
  case originEnded(SlotID, last: UInt64)
  case flush
  case cut(Output, StageCount, end: Int)
  case inputEnded
  case drain
  case drainUpTo(UInt64)
  case start
  case processed(BatchID, Output, StageCount)
  case applied(BatchID, dead: Int, letters: Content?)
  case stored
  /// A stage with custody applied a batch, or what its state owed at the end.
  case absorbed(BatchID, outgoing: Int, dead: Int)
  case flushed(outgoing: Int)
  case released(UInt64, Output, StageCount)
  case committed
}

/// A layer around a machine that breaks one rule of the protocol.
protocol Saboteur: AnyObject {
  /// Stands for the machine: may change what goes in, what comes out, or not ask it at all.
  func handle(_ input: Input, machine: (Input) throws -> [DeliveryAction]) throws -> [DeliveryAction]
}
