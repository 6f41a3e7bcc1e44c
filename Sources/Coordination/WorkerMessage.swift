import Delivery

/// What a worker tells the supervisor over its control channel.
package enum WorkerMessage: Hashable, Sendable {
  /// The inbox is bound and everything is loaded: neighbours may be told.
  case ready
  /// A source has cut its last batch.
  case originEnded(last: UInt64)
  /// A source has all its batches done. `isWhole` is false where it was told to drain before the end.
  case complete(Tally, isWhole: Bool)
  /// A sink has written everything; what it wrote, for the closing table.
  case finished(SinkReport)
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
    case .complete(let tally, let isWhole):
      writer.write(UInt8(3))
      writer.write(tally)
      writer.write(UInt8(isWhole ? 1 : 0))
    case .finished(let report):
      writer.write(UInt8(4))
      writer.write(report.target)
      writer.write(report.records)
      writer.write(report.bytes)
    case .failed(let text):
      writer.write(UInt8(5))
      writer.write(text)
    case .note(let text):
      writer.write(UInt8(6))
      writer.write(text)
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 1: self = .ready
    case 2: self = .originEnded(last: try reader.read())
    case 3: self = .complete(try reader.readTally(), isWhole: try reader.read(UInt8.self) == 1)
    case 4:
      self = .finished(
        SinkReport(target: try reader.readText(), records: try reader.read(), bytes: try reader.read()))
    case 5: self = .failed(try reader.readText())
    case 6: self = .note(try reader.readText())
    case let kind: throw ByteCodingError("message kind \(kind) is not known")
    }
  }
}

/// What a sink wrote in this run.
package struct SinkReport: Hashable, Sendable {
  /// A path to show, or "standard output".
  package var target: String
  package var records: UInt64
  package var bytes: UInt64

  package init(target: String, records: UInt64, bytes: UInt64) {
    self.target = target
    self.records = records
    self.bytes = bytes
  }
}
