import Coordination

extension SupervisorStateMachine {
  /// What a slot does, as its page shows it, and how often it was restarted.
  package func status(at position: Int) -> (state: StatisticsPage.State, restarts: Int) {
    (pageState(of: slots[position]), slots[position].restarts)
  }

  private func pageState(of slot: Slot) -> StatisticsPage.State {
    switch slot.state {
    case .starting: return .starting
    case .running: return .running
    case .retiring: return .retiring
    case .backoff: return .backoff
    case .parked: return .parked
    case .stopping where slot.departure != nil: return .retiring
    case .stopping, .aborting, .killed, .over:
      if slot.duty == .none { return .unwanted }
      return slot.epoch == 0 ? .waiting : .over
    }
  }
}
