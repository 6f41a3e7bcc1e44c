import Delivery
import PipelineFile

extension Plan {
  /// The plan as delivery sees it; stage numbers are positions in `stages`.
  package var topology: Topology {
    Topology(
      stages: stages.map { stage in
        switch stage.work {
        case .source: (role: .source, slots: stage.workers)
        case .steps: (role: .step, slots: stage.workers)
        case .sink: (role: .sink, slots: stage.workers)
        }
      },
      edges: stages.indices.flatMap { from in
        stages[from].downstream.map { (UInt16(from), UInt16($0)) }
      })
  }

  /// `clean.1`, as logs and messages name a slot.
  package func name(of slot: SlotID) -> String { "\(stages[Int(slot.stage)].name).\(slot.index)" }
}
