import Delivery

/// What a journal says of a run: all that a supervisor must know to go on with it.
package struct RunHistory: Hashable, Sendable {
  package var run: UInt64
  /// Nanoseconds since 1970.
  package var beganAt: UInt64
  package var resumptions = 0
  /// Stages that were not there from the beginning: how often the run had been gone on with before.
  package var joined: [UInt16: Int] = [:]
  package var complete: [CompleteOrigin] = []
  package var finished: [FinishedSink] = []
  package var condemned: [Condemnation] = []
  /// The run is over.
  package var hasEnded = false

  package struct CompleteOrigin: Hashable, Sendable {
    package var slot: SlotID
    package var last: UInt64
    package var tally: Tally

    package init(slot: SlotID, last: UInt64, tally: Tally) {
      self.slot = slot
      self.last = last
      self.tally = tally
    }
  }

  package struct FinishedSink: Hashable, Sendable {
    package var slot: SlotID
    package var report: SinkReport

    package init(slot: SlotID, report: SinkReport) {
      self.slot = slot
      self.report = report
    }
  }

  package init(run: UInt64, beganAt: UInt64) {
    self.run = run
    self.beganAt = beganAt
  }

  /// Nil if the entries do not begin with a run.
  package init?(_ entries: [JournalEntry]) {
    guard case .began(let run, let time)? = entries.first else { return nil }
    self.init(run: run, beganAt: time)
    for entry in entries.dropFirst() {
      switch entry {
      case .began: return nil
      case .resumed: resumptions += 1
      case .joined(let stage): joined[stage] = resumptions
      case .complete(let slot, let last, let tally):
        complete.append(CompleteOrigin(slot: slot, last: last, tally: tally))
      case .finished(let slot, let report): finished.append(FinishedSink(slot: slot, report: report))
      case .condemned(let condemnation): condemned.append(condemnation)
      case .ended: hasEnded = true
      }
    }
  }

  /// Everything that was done when the run is gone on with.
  package var tally: Tally {
    var sum = Tally()
    for origin in complete { sum.add(origin.tally) }
    return sum
  }
}
