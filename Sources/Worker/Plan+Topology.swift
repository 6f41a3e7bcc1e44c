import Delivery
import PipelineFile

extension Plan {
  /// The plan as delivery sees it; stage numbers are positions in `stages`.
  package var topology: Topology {
    Topology(
      stages: stages.indices.map { index in
        let stage = stages[index]
        return Topology.Stage(
          role: Self.role(of: stage.work), slots: stage.workers, capacity: Self.capacity(of: stage),
          input: Self.input(of: stage), merges: merges(index),
          sendsLetters: stage.errors.onError == .deadLetter)
      },
      edges: stages.indices.flatMap { from in
        stages[from].downstream.map { (UInt16(from), UInt16($0)) }
      })
  }

  private static func role(of work: StageWork) -> Topology.Role {
    switch work {
    case .source, .userSource, .letters: .source
    case .steps: .step
    case .custody: .custody
    case .sink: .sink
    case .deadLetters: .deadLetters
    }
  }

  /// A chain of steps whose workers may have any batch can be scaled while it runs, and has a slot to spare for
  /// the worker that stands in while another is replaced.
  private static func capacity(of stage: StagePlan) -> Int {
    guard case .steps = stage.work, stage.key == nil else { return stage.workers }
    return max(32, 2 * stage.workers) + 1
  }

  /// A sink's workers each own a part of the output, so which one gets a batch must not depend on who is free.
  private static func input(of stage: StagePlan) -> Topology.Input {
    if stage.key != nil { return .keyed }
    switch stage.work {
    case .sink, .custody: return .spread
    case .source, .userSource, .steps, .letters, .deadLetters: return .balanced
    }
  }

  /// Waiting for an endless source would hold back all others, and so would a stage with state.
  private func merges(_ index: Int) -> Bool {
    switch stages[index].work {
    case .sink(let sink): if sink.order == .any { return false }
    case .custody: break
    case .source, .userSource, .steps, .letters, .deadLetters: return false
    }
    return !readsEndless(index) && !readsCustody(index)
  }

  /// Whether what a stage reads, or a stage above it, keeps state: it may owe nothing until it flushes.
  private func readsCustody(_ index: Int) -> Bool {
    stages[index].upstream.contains { above in
      if case .custody = stages[above].work { return true }
      return readsCustody(above)
    }
  }

  /// Whether a stage, or one above it, reads a source without an end.
  private func readsEndless(_ index: Int) -> Bool {
    if stages[index].work.isEndless { return true }
    return stages[index].upstream.contains(where: readsEndless)
  }

  /// `clean.1`, as logs and messages name a slot.
  package func name(of slot: SlotID) -> String { "\(stages[Int(slot.stage)].name).\(slot.index)" }

  /// The name under which a database knows a slot's sink. A replay's place is beside the run's, not in it.
  static func sinkName(_ pipeline: String, _ slot: String, isReplay: Bool = false) -> String {
    "\(pipeline)/\(slot)" + (isReplay ? " replay" : "")
  }
}
