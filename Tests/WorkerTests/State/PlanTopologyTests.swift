import Delivery
import PipelineFile
import Testing
import Worker

struct PlanTopologyTests {
  @Test func `a plan's stages keep their numbers, roles, slots and edges`() {
    let topology = Plans.diamond(output: "/tmp/x").topology
    #expect(topology.stages.map(\.role) == [.sink, .source, .step])
    #expect(topology.stages.map(\.slots) == [1, 1, 3])
    #expect(topology.stages.map(\.upstream) == [[1, 2], [], [1]])
    #expect(topology.stages.map(\.downstream) == [[], [0, 2], [0]])
    // Room for a stage of steps to be scaled, and for one worker to stand in for another.
    #expect(topology.stages.map(\.capacity) == [1, 1, 33])
    #expect(topology.slotCount == 35)
  }

  @Test func `slots have the names that users see`() {
    let plan = Plans.diamond(output: "/tmp/x")
    #expect(plan.name(of: SlotID(stage: 2, index: 1)) == "clean.1")
  }
}
