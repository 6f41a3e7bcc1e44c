import Coordination
import Delivery

/// What the supervisor's machine wants done, in order.
package enum SupervisorAction: Hashable, Sendable {
  /// Write this to the journal, durably, before anything that follows.
  case record(JournalEntry)
  /// Start an incarnation by its stage's start method.
  case start(Incarnation)
  /// Write what is known of the stage's suspect batches where its workers read it.
  case warn(stage: UInt16)
  case send(SupervisorMessage, to: Incarnation)
  /// End the worker and its process group at once.
  case kill(Incarnation)
  /// Have a worker that hangs dump its core and say its last words.
  case abort(Incarnation)
  /// Tell the user of a death.
  case report(Death)
  /// Tell the user of something that is no death: what a slot does, or is done with.
  case note(SlotID, String)
  /// Everything has ended: leave the loop.
  case finish(Outcome)
}

/// The end of an incarnation that was not asked for, and what follows from it.
package struct Death: Hashable, Sendable {
  package enum Consequence: Hashable, Sendable {
    /// Restarting in `delay` nanoseconds, number `count` of `max` within `window`.
    case restart(delay: UInt64, count: Int, max: Int, window: UInt64)
    /// Restarting in `delay` nanoseconds, not counted: what it had in hand has ended workers before.
    case isolating(delay: UInt64)
    /// Restarting at once, not counted: it was killed on purpose.
    case excused
    /// Left alone, and the others go on: more than `max` restarts within `window`.
    case parked(max: Int, window: UInt64)
    /// The pipeline stops: more than `max` restarts within `window`.
    case tooMany(max: Int, window: UInt64)
    /// The pipeline stops: the stage's policy does not replace this worker.
    case notReplaced
    /// The pipeline stops already.
    case stopping
  }
  package var incarnation: Incarnation
  /// N for exit status N, -N for signal N; nil if it could not be started.
  package var status: Int32?
  /// Nanoseconds from start to death.
  package var uptime: UInt64
  package var wasReady: Bool
  package var detail: String
  package var consequence: Consequence

  package init(
    incarnation: Incarnation, status: Int32?, uptime: UInt64, wasReady: Bool, detail: String,
    consequence: Consequence
  ) {
    self.incarnation = incarnation
    self.status = status
    self.uptime = uptime
    self.wasReady = wasReady
    self.detail = detail
    self.consequence = consequence
  }
}

/// How a run ended.
package enum Outcome: Hashable, Sendable {
  /// All sources complete, all sinks finished.
  case complete
  /// Stopped on request before the end of the input: the same command goes on.
  case stopped
  /// Drained on request where the input never ends: nothing is left for now.
  case drained
  /// The reason, as one or more lines for the user.
  case failed(String)
  /// Ended at once on a second request, by this signal.
  case forced(signal: Int32)
}
