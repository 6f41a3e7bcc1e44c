import Coordination

/// How a run is, in one line. Pure.
package struct Health: Hashable, Sendable {
  package struct Slot: Hashable, Sendable {
    package var name: String
    package var state: StatisticsPage.State

    package init(name: String, state: StatisticsPage.State) {
      self.name = name
      self.state = state
    }
  }

  package var isReady: Bool
  package var isPaused: Bool
  package var isDraining: Bool
  package var isEnding: Bool
  package var slots: [Slot]

  package init(
    isReady: Bool, isPaused: Bool = false, isDraining: Bool, isEnding: Bool, slots: [Slot]
  ) {
    self.isReady = isReady
    self.isPaused = isPaused
    self.isDraining = isDraining
    self.isEnding = isEnding
    self.slots = slots
  }

  package var line: String {
    let wanted = slots.filter { $0.state != .over && $0.state != .unwanted }
    if isEnding || wanted.isEmpty { return "ending" }
    let running = wanted.count { $0.state == .running || $0.state == .retiring }
    let count = "\(running) of \(wanted.count) \(wanted.count == 1 ? "worker" : "workers") ready"
    let missing = wanted.filter { $0.state != .running && $0.state != .retiring }.map { slot in
      "\(slot.name) \(Self.word(slot.state))"
    }
    // With many dead workers the first few tell as much.
    let named = missing.prefix(3).joined(separator: ", ") + (missing.count > 3 ? ", ..." : "")
    let detail = missing.isEmpty || !isReady ? count : "\(count): \(named)"
    if isDraining { return "draining, \(detail)" }
    if !isReady { return "starting, \(detail)" }
    if isPaused { return "paused, \(detail)" }
    return missing.isEmpty ? "running, \(detail)" : "degraded, \(detail)"
  }

  private static func word(_ state: StatisticsPage.State) -> String {
    switch state {
    case .waiting: "waits"
    case .starting: "is starting"
    case .backoff: "waits to be restarted"
    case .parked: "is parked"
    case .failed: "has failed"
    case .running, .retiring, .unwanted, .over: ""
    }
  }
}
