import Coordination
import Delivery

extension CustodyStateMachine.Position {
  /// As it is stored together with the state.
  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt32(dense.count))
    for sequence in dense { writer.write(sequence) }
    writer.write(next)
    writer.write(UInt8(isFlushed ? 1 : 0))
    writer.write(tally)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    var dense: [UInt64] = []
    for _ in 0..<(try reader.read(UInt32.self)) { dense.append(try reader.read()) }
    self.init(
      dense: dense, next: try reader.read(), isFlushed: try reader.read(UInt8.self) == 1,
      tally: try reader.readTally())
  }
}
