import Delivery

/// Short names for the tests of single machines, all over the topology `linear`: src, a (two slots), out.
enum Names {
  static let topology = Shape.linear.topology
  static let source = SlotID(stage: 0, index: 0)
  static let sink = SlotID(stage: 2, index: 0)

  static func source(_ epoch: UInt32) -> Incarnation { Incarnation(slot: source, epoch: epoch) }
  static func step(_ index: UInt16, _ epoch: UInt32 = 1) -> Incarnation {
    Incarnation(slot: SlotID(stage: 1, index: index), epoch: epoch)
  }
  static func sink(_ epoch: UInt32) -> Incarnation { Incarnation(slot: sink, epoch: epoch) }

  /// A batch as its source, a step or the sink names it.
  static func cut(_ sequence: UInt64) -> BatchID {
    BatchID(origin: source, sequence: sequence, branch: .root)
  }
  static func atStep(_ sequence: UInt64) -> BatchID { cut(sequence).crossing(from: 0, to: 1) }
  static func atSink(_ sequence: UInt64) -> BatchID { atStep(sequence).crossing(from: 1, to: 2) }

  static func content(_ number: UInt32) -> Content { Content(rawValue: number) }
  static func counted(_ stage: UInt16, _ records: UInt64) -> Tally {
    Tally(StageCount(stage: stage, recordsIn: records, recordsOut: records))
  }

  static func origin(
    window: UInt64 = 8, bytes: Int = .max, credit: Int = 2, low: UInt64 = 1
  ) -> OriginStateMachine<Int> {
    OriginStateMachine(
      slot: source, topology: topology, windowBytes: bytes,
      resumingAt: .init(low: low, mark: 0, tally: Tally()), window: window, credit: credit)
  }
}
