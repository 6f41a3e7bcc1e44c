import Coordination
import Delivery

/// What a run came to.
package struct RunReport: Sendable {
  package var outcome: Outcome
  /// Exact record counts of everything that is done, summed over the sources.
  package var tally: Tally
  /// By slot, in the order in which the sinks finished.
  package var sinks: [(slot: SlotID, report: SinkReport)]
  /// The last sequence of each origin that has ended.
  package var lastSequences: [(origin: SlotID, last: UInt64)]
  /// Restarts per slot, in plan order.
  package var restarts: [Int]
  /// How many each stage had at the end, which may have been scaled.
  package var workers: [Int]
  package var seconds: Double
}
