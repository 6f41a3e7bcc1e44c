import Delivery

extension ByteWriter {
  package mutating func write(_ slot: SlotID) {
    write(slot.stage)
    write(slot.index)
  }

  package mutating func write(_ incarnation: Incarnation) {
    write(incarnation.slot)
    write(incarnation.epoch)
  }

  package mutating func write(_ tally: Tally) {
    write(UInt16(tally.counts.count))
    for count in tally.counts {
      write(count.stage)
      write(count.recordsIn)
      write(count.recordsOut)
      write(count.filtered)
      write(count.dead)
    }
  }
}

extension ByteReader {
  package mutating func readSlot() throws(ByteCodingError) -> SlotID {
    SlotID(stage: try read(), index: try read())
  }

  package mutating func readIncarnation() throws(ByteCodingError) -> Incarnation {
    Incarnation(slot: try readSlot(), epoch: try read())
  }

  package mutating func readTally() throws(ByteCodingError) -> Tally {
    var tally = Tally()
    for _ in 0..<(try read(UInt16.self)) {
      tally.add(
        StageCount(
          stage: try read(), recordsIn: try read(), recordsOut: try read(), filtered: try read(),
          dead: try read()))
    }
    return tally
  }
}
