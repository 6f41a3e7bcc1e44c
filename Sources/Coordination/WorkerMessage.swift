import Delivery

/// What a worker tells the supervisor over its control channel.
package enum WorkerMessage: Hashable, Sendable {
  /// The inbox is bound and everything is loaded: neighbours may be told.
  case ready
  /// A source has cut its last batch.
  case originEnded(last: UInt64)
  /// A source that was told to drain has stopped cutting after this sequence.
  case paused(last: UInt64)
  /// A source has all its batches done up to `last`. `isWhole` is false where it drained before the end.
  case complete(Tally, last: UInt64, isWhole: Bool)
  /// A sink has written everything; what it wrote, for the closing table.
  case finished(SinkReport)
  /// Dead letters were stored: whoever counts them may look.
  case lettersStored
  /// The run cannot go on: what, where, and what would be right. The worker leaves after it.
  case failed(String)
  /// Something worth a line of the log.
  case note(String)

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .ready: writer.write(UInt8(1))
    case .originEnded(let last):
      writer.write(UInt8(2))
      writer.write(last)
    case .complete(let tally, let last, let isWhole):
      writer.write(UInt8(3))
      writer.write(tally)
      writer.write(last)
      writer.write(UInt8(isWhole ? 1 : 0))
    case .finished(let report):
      writer.write(UInt8(4))
      writer.write(report)
    case .failed(let text):
      writer.write(UInt8(5))
      writer.write(text)
    case .note(let text):
      writer.write(UInt8(6))
      writer.write(text)
    case .lettersStored: writer.write(UInt8(8))
    case .paused(let last):
      writer.write(UInt8(7))
      writer.write(last)
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 1: self = .ready
    case 2: self = .originEnded(last: try reader.read())
    case 3:
      self = .complete(
        try reader.readTally(), last: try reader.read(), isWhole: try reader.read(UInt8.self) == 1)
    case 4: self = .finished(try reader.readSinkReport())
    case 5: self = .failed(try reader.readText())
    case 6: self = .note(try reader.readText())
    case 7: self = .paused(last: try reader.read())
    case 8: self = .lettersStored
    case let kind: throw ByteCodingError("message kind \(kind) is not known")
    }
  }
}
