import Delivery

/// What the supervisor tells a worker over its control channel. Messages arrive in the order of sending.
package enum SupervisorMessage: Hashable, Sendable {
  /// A neighbour is ready under this epoch: its endpoint is bound.
  case peerUp(Incarnation)
  case peerDown(Incarnation)
  /// An origin will send nothing above `last`.
  case originEnded(SlotID, last: UInt64)
  /// All stages above are over: write what is left, then report.
  case flush
  /// Stop cutting and say where.
  case drain
  /// Cut up to this sequence and no further, finish what is in flight, then report: all sources stop at one
  /// sequence, so that a sink that merges them can write all that was cut.
  case drainUpTo(UInt64)
  /// Nothing is left to do: leave with status 0.
  case stop
  /// A worker below is to leave once it has finished what it has: it gets nothing new.
  case peerRetires(Incarnation)
  /// Finish what is there, then leave with status 0.
  case retire
  /// Read nothing until told to go on; what is in flight is finished.
  case pause
  case resume
  /// Send copies of records that pass to whoever looks at them; again after each start of the worker.
  case tap(TapOrder)
  /// Nobody looks at that path any more.
  case untap(path: String)

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .peerUp(let peer):
      writer.write(UInt8(1))
      writer.write(peer)
    case .peerDown(let peer):
      writer.write(UInt8(2))
      writer.write(peer)
    case .originEnded(let origin, let last):
      writer.write(UInt8(3))
      writer.write(origin)
      writer.write(last)
    case .flush: writer.write(UInt8(4))
    case .drain: writer.write(UInt8(5))
    case .stop: writer.write(UInt8(6))
    case .drainUpTo(let last):
      writer.write(UInt8(7))
      writer.write(last)
    case .peerRetires(let peer):
      writer.write(UInt8(8))
      writer.write(peer)
    case .retire: writer.write(UInt8(9))
    case .pause: writer.write(UInt8(10))
    case .resume: writer.write(UInt8(11))
    case .tap(let order):
      writer.write(UInt8(12))
      writer.write(UInt8(order.isInput ? 1 : 0))
      writer.write(order.sample)
      writer.write(order.path)
    case .untap(let path):
      writer.write(UInt8(13))
      writer.write(path)
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 1: self = .peerUp(try reader.readIncarnation())
    case 2: self = .peerDown(try reader.readIncarnation())
    case 3: self = .originEnded(try reader.readSlot(), last: try reader.read())
    case 4: self = .flush
    case 5: self = .drain
    case 6: self = .stop
    case 7: self = .drainUpTo(try reader.read())
    case 8: self = .peerRetires(try reader.readIncarnation())
    case 9: self = .retire
    case 10: self = .pause
    case 11: self = .resume
    case 12:
      let isInput = try reader.read(UInt8.self) == 1
      self = .tap(TapOrder(isInput: isInput, sample: try reader.read(), path: try reader.readText()))
    case 13: self = .untap(path: try reader.readText())
    case let kind: throw ByteCodingError("message kind \(kind) is not known")
    }
  }
}
