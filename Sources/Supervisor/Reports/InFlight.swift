import Coordination
import Delivery

/// Batches that sources have cut, or stages with state have numbered, and that are not committed everywhere: what a drain waits for, and what is done
/// again if a run is ended at once. Pure.
package struct InFlight: Hashable, Sendable {
  /// The oldest, and since when it has been that, as monotonic nanoseconds.
  package struct Oldest: Hashable, Sendable {
    package var source: SlotID
    package var sequence: UInt64
    package var since: UInt64

    package init(source: SlotID, sequence: UInt64, since: UInt64) {
      self.source = source
      self.sequence = sequence
      self.since = since
    }
  }

  package var batches: UInt64
  /// Nil where nothing is in flight.
  package var oldest: Oldest?

  /// `marks`: of each source its low-water mark, the next batch that it will cut, and since when the mark stands
  /// where it does or, if that was later, since when anything is in flight.
  package init(_ marks: [(source: SlotID, low: UInt64, next: UInt64, since: UInt64)]) {
    batches = 0
    for mark in marks where mark.next > mark.low {
      batches += mark.next - mark.low
      if let oldest, oldest.since <= mark.since { continue }
      oldest = Oldest(source: mark.source, sequence: mark.low, since: mark.since)
    }
  }

  /// As the pages of a run's origins have it.
  package init(_ pages: SharedPages, _ topology: Topology) {
    let origins = topology.stages.indices.filter { topology.stages[$0].role.isOrigin }
    self.init(
      origins.flatMap { topology.slots(of: UInt16($0)) }.map { slot in
        let page = pages.statistics(of: slot)
        return (slot, page[.lowWater], page[.nextSequence], page[.oldestSince])
      })
  }

  /// `14 batches in flight, the oldest is batch 812 of read.0, 0.30 s old`; `name` names a slot.
  package func text(now: UInt64, name: (SlotID) -> String) -> String {
    guard let oldest else { return "nothing in flight" }
    let count = batches == 1 ? "1 batch" : "\(batches) batches"
    let age = Figure.seconds(now > oldest.since ? now - oldest.since : 0)
    return "\(count) in flight, the oldest is batch \(oldest.sequence) of \(name(oldest.source)), \(age) old"
  }
}
