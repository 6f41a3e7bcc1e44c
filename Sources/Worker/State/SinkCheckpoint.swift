import Coordination
import Delivery

/// What a sink keeps of itself beside what it wrote: how far it has come on each stream, and its own state.
package struct SinkCheckpoint: Hashable, Sendable {
  /// Nil before the first commit.
  package var position: SinkStateMachine.Position?
  /// The sink's own state as of the same moment.
  package var state: [UInt8]

  package init(position: SinkStateMachine.Position?, state: [UInt8]) {
    self.position = position
    self.state = state
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.encode(position))
    writer.write(state)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    position = try Self.decodePosition(try reader.readBytes())
    state = try reader.readBytes()
  }

  /// A position alone, for a sink that keeps it with its data.
  static func encode(_ position: SinkStateMachine.Position?) -> [UInt8] {
    guard let position else { return [] }
    var writer = ByteWriter()
    writer.write(UInt32(position.dense.count))
    for sequence in position.dense { writer.write(sequence) }
    writer.write(UInt32(position.dead.count))
    for count in position.dead {
      writer.write(UInt32(count.input))
      writer.write(count.sequence)
      writer.write(count.records)
      writer.write(count.filtered)
    }
    return writer.bytes
  }

  static func decodePosition(
    _ bytes: [UInt8]
  ) throws(ByteCodingError) -> SinkStateMachine.Position? {
    if bytes.isEmpty { return nil }
    var reader = ByteReader(bytes)
    var position = SinkStateMachine.Position(dense: [])
    for _ in 0..<(try reader.read(UInt32.self)) { position.dense.append(try reader.read()) }
    for _ in 0..<(try reader.read(UInt32.self)) {
      position.dead.append(
        .init(
          input: Int(try reader.read(UInt32.self)), sequence: try reader.read(), records: try reader.read(),
          filtered: try reader.read()))
    }
    return position
  }
}
