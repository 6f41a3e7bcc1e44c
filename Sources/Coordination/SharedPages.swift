import Delivery

/// Where things lie in the memory that a run shares with its workers: a statistics page for each slot, then a
/// suspect page for each stage.
package struct SharedPages: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer
  private let topology: Topology

  /// The memory must stay mapped for as long as the pages are used.
  package init(base: UnsafeMutableRawPointer, topology: Topology) {
    self.base = base
    self.topology = topology
  }

  /// Bytes that a run needs.
  package static func size(_ topology: Topology) -> Int {
    topology.slotCount * StatisticsPage.size + topology.stages.count * SuspectPage.size
  }

  package func statistics(at position: Int) -> StatisticsPage {
    StatisticsPage(base: base + position * StatisticsPage.size)
  }

  package func statistics(of slot: SlotID) -> StatisticsPage {
    statistics(at: topology.position(of: slot))
  }

  package var allStatistics: [StatisticsPage] { (0..<topology.slotCount).map(statistics(at:)) }

  package func suspects(ofStage stage: UInt16) -> SuspectPage {
    SuspectPage(base: base + topology.slotCount * StatisticsPage.size + Int(stage) * SuspectPage.size)
  }
}
