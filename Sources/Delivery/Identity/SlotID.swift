/// One place in a stage: `clean.1` is slot 1 of stage `clean`, whoever occupies it at the moment.
package struct SlotID: Hashable, Comparable, Sendable {
  /// Index of the stage in plan order.
  package var stage: UInt16
  package var index: UInt16

  package init(stage: UInt16, index: UInt16) {
    self.stage = stage
    self.index = index
  }

  package static func < (left: SlotID, right: SlotID) -> Bool {
    (left.stage, left.index) < (right.stage, right.index)
  }
}

/// One life of a slot. A restarted worker is a new incarnation, with a higher epoch and another endpoint.
///
/// Epochs start at 1 and grow by one with each start of the slot, so 0 means "never lived".
package struct Incarnation: Hashable, Comparable, Sendable {
  package var slot: SlotID
  package var epoch: UInt32

  package init(slot: SlotID, epoch: UInt32) {
    self.slot = slot
    self.epoch = epoch
  }

  package static func < (left: Incarnation, right: Incarnation) -> Bool {
    (left.slot, left.epoch) < (right.slot, right.epoch)
  }
}
