import Delivery
import PipelineFile

/// How many descriptors a run needs.
enum DescriptorNeed {
  /// In the process that needs most: the supervisor's grow with the workers, a worker's with those that it talks
  /// to, and libzmq aborts a process that can't accept for want of one.
  static func of(_ plan: Plan, _ topology: Topology) -> Int {
    let workers = plan.stages.reduce(0) { $0 + $1.workers }
    let widest = plan.stages.indices.map { ofWorkers(of: $0, topology) }.max() ?? 0
    return max(workers * 8 + 64, widest)
  }

  /// What a worker of a stage needs at the most: four for each worker that it talks to, scaled ones included.
  static func ofWorkers(of stage: Int, _ topology: Topology) -> Int {
    topology.neighbours(of: UInt16(stage)).count * 4 + 64
  }
}
