/// What holds a run up: the stage that works while the others wait for it, or the outside.
struct Bottleneck: Equatable {
  enum Kind: String {
    /// A stage's workers have no time left.
    case stage
    /// A stage has no worker that runs.
    case absent
    /// The sources wait for something to read.
    case input
  }

  /// From this share of its time on a stage is said to be busy.
  static let threshold = 0.6

  /// States of a stage of which something is still wanted.
  private static let missing = ["starting", "backoff", "parked"]

  let kind: Kind
  /// The stage; of `input`, the source that waits most.
  let stage: String
  /// What to do about it, where something can be done with a running pipeline.
  let advice: String?

  /// Nil where nothing holds it up.
  init?(_ stages: [TopReading.Stage]) {
    let running = stages.filter { $0.running > 0 && $0.role != "dead-letters" }
    if let busiest = running.max(by: { $0.busy < $1.busy }), busiest.busy >= Self.threshold {
      kind = .stage
      stage = busiest.name
      let canGrow = busiest.most > busiest.wanted
      advice = canGrow ? "\(ProgramName.current) scale \(busiest.name) \(busiest.wanted + 1)" : nil
      return
    }
    if let absent = stages.first(where: { $0.running == 0 && Self.missing.contains($0.state) }) {
      kind = .absent
      stage = absent.name
      advice = nil
      return
    }
    let sources = running.filter { $0.role == "source" }
    if let waiting = sources.max(by: { $0.inputWait < $1.inputWait }), waiting.inputWait >= Self.threshold {
      kind = .input
      stage = waiting.name
      advice = nil
      return
    }
    return nil
  }
}
