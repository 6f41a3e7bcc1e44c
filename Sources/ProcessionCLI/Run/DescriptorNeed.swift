import Delivery

/// How many descriptors a run needs in one process.
package enum DescriptorNeed {
  /// Each worker's are few; the supervisor's grow with the workers, and libzmq aborts a process that can't
  /// accept for want of one.
  package static func of(_ topology: Topology) -> Int {
    let widest = topology.stages.indices.map { topology.neighbours(of: UInt16($0)).count }.max() ?? 0
    return max(topology.slotCount * 8, widest * 4) + 64
  }
}
