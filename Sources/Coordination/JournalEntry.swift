import Delivery

/// What must outlive the supervisor for a run to be gone on with.
///
/// Slots and branches are numbered by the plan that is stored beside the journal.
package enum JournalEntry: Hashable, Sendable {
  /// A run began anew. The number is part of every origin: what an earlier run left is not met again.
  case began(run: UInt64, time: UInt64)
  /// The run went on after its supervisor had ended.
  case resumed(time: UInt64)
  /// The run goes on with a stage that it did not have: what was done before did not come to it.
  case joined(stage: UInt16)
  /// A source has read all its input, and all of it is done. Durable before any sink is told to finish.
  case complete(SlotID, last: UInt64, Tally)
  /// A sink has written everything.
  case finished(SlotID, SinkReport)
  /// A record ended its workers. Durable before anyone passes over it.
  case condemned(Condemnation)
  /// The run is over, and the next one begins anew.
  case ended

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .began(let run, let time):
      writer.write(UInt8(1))
      writer.write(run)
      writer.write(time)
    case .resumed(let time):
      writer.write(UInt8(2))
      writer.write(time)
    case .complete(let slot, let last, let tally):
      writer.write(UInt8(3))
      writer.write(slot)
      writer.write(last)
      writer.write(tally)
    case .finished(let slot, let report):
      writer.write(UInt8(4))
      writer.write(slot)
      writer.write(report)
    case .condemned(let condemnation):
      writer.write(UInt8(5))
      writer.write(condemnation)
    case .ended:
      writer.write(UInt8(6))
    case .joined(let stage):
      writer.write(UInt8(7))
      writer.write(stage)
    }
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    switch try reader.read(UInt8.self) {
    case 1: self = .began(run: try reader.read(), time: try reader.read())
    case 2: self = .resumed(time: try reader.read())
    case 3: self = .complete(try reader.readSlot(), last: try reader.read(), try reader.readTally())
    case 4: self = .finished(try reader.readSlot(), try reader.readSinkReport())
    case 5: self = .condemned(try reader.readCondemnation())
    case 6: self = .ended
    case 7: self = .joined(stage: try reader.read())
    case let kind: throw ByteCodingError("journal entry kind \(kind) is not known")
    }
  }
}

/// One record that is passed over because it ended the workers that held it.
package struct Condemnation: Hashable, Sendable {
  package var stage: UInt16
  /// The batch as the stage names it.
  package var batch: BatchID
  /// Index of the record in that batch.
  package var record: UInt32
  /// How the last of its workers ended: "SIGSEGV", "status 3", "deadline".
  package var cause: String
  /// Deaths that it was blamed for, those of its whole batch included.
  package var attempts: UInt32
  /// The worker that died last: `clean.1`.
  package var worker: String
  /// Nanoseconds since 1970.
  package var time: UInt64
  /// The last lines that the worker printed.
  package var lastWords: String

  package init(
    stage: UInt16, batch: BatchID, record: UInt32, cause: String, attempts: UInt32, worker: String,
    time: UInt64, lastWords: String
  ) {
    self.stage = stage
    self.batch = batch
    self.record = record
    self.cause = cause
    self.attempts = attempts
    self.worker = worker
    self.time = time
    self.lastWords = lastWords
  }
}

extension ByteWriter {
  package mutating func write(_ id: BatchID) {
    write(id.origin)
    write(id.sequence)
    write(id.branch.rawValue)
  }

  mutating func write(_ condemnation: Condemnation) {
    write(condemnation.stage)
    write(condemnation.batch)
    write(condemnation.record)
    write(condemnation.cause)
    write(condemnation.attempts)
    write(condemnation.worker)
    write(condemnation.time)
    write(condemnation.lastWords)
  }
}

extension ByteReader {
  package mutating func readBatchID() throws(ByteCodingError) -> BatchID {
    BatchID(
      origin: try readSlot(), sequence: try read(), branch: Branch(rawValue: try read()))
  }

  mutating func readCondemnation() throws(ByteCodingError) -> Condemnation {
    Condemnation(
      stage: try read(), batch: try readBatchID(), record: try read(), cause: try readText(),
      attempts: try read(), worker: try readText(), time: try read(), lastWords: try readText())
  }
}
