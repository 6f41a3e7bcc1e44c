import Coordination
import Delivery
import Supervisor
import Testing

/// More and fewer workers for a stage while it runs.
struct ScalingTests {
  private func willing() -> WillingWorkers {
    WillingWorkers(Linear.running(capacity: 5), serving: Linear.slots)
  }

  @Test func `up and down, and never below the number that is asked for`() throws {
    var world = willing()
    world.take(try world.machine.scaleRequested(stage: 1, workers: 4, now: 0))
    #expect(!world.machine.isSettled(stage: 1))
    world.settle()
    #expect(world.count(ofStage: 1) == 4 && world.machine.workers(ofStage: 1) == (4, 4))
    world.take(try world.machine.scaleRequested(stage: 1, workers: 1, now: 0))
    world.settle()
    #expect(world.machine.isSettled(stage: 1) && world.fewest[1] == 1)
    #expect(world.serving.filter { $0.slot.stage == 1 } == [Linear.clean.life(1)])
    world.take(try world.machine.scaleRequested(stage: 1, workers: 2, now: 0))
    world.settle()
    #expect(world.serving.contains(Linear.twin.life(2)))
  }

  @Test func `one that is to leave is not replaced when it dies`() throws {
    var machine = Linear.running(capacity: 3)
    _ = try machine.scaleRequested(stage: 1, workers: 1, now: 0)
    let actions = machine.died(Linear.twin.life(1), -9, now: 1)
    #expect(actions.deaths.isEmpty && machine.nextDeadline == nil && machine.isSettled(stage: 1))
  }

  @Test func `one that waits for its restart, or starts, is let go of at once`() throws {
    var machine = Linear.running(capacity: 3)
    _ = machine.died(Linear.twin.life(1), now: 0)
    #expect(try machine.scaleRequested(stage: 1, workers: 1, now: 1).isEmpty)
    #expect(machine.nextDeadline == nil)
    _ = try machine.scaleRequested(stage: 1, workers: 2, now: 2)
    #expect(try machine.scaleRequested(stage: 1, workers: 1, now: 3) == [.kill(Linear.twin.life(2))])
  }

  @Test func `the refusals say what would be right`() {
    var machine = Linear.running(capacity: 3)
    func refusal(_ stage: Int, _ workers: Int) -> String {
      do {
        _ = try machine.scaleRequested(stage: stage, workers: workers, now: 0)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      refusal(0, 2)
        == "stage read can't be scaled while it runs: only stages with 'steps' share work freely; "
        + "change 'workers' in the file")
    #expect(refusal(1, 0) == "stage clean can have 1 to 2 workers, and not 0")
    #expect(refusal(1, 3) == "stage clean can have 1 to 2 workers, and not 3")
    _ = machine.stopRequested(signal: 15, now: 0)
    #expect(refusal(1, 1) == "the run is draining and can't be scaled any more")
    _ = machine.stopRequested(signal: 15, now: 0)
    #expect(refusal(1, 1) == "the run is ending and can't be scaled any more")
  }

  @Test func `a scaled stage ends like any other`() throws {
    var world = willing()
    world.take(try world.machine.scaleRequested(stage: 1, workers: 4, now: 0))
    world.settle()
    world.take(world.machine.originEnded(Linear.read.life(1), last: 9))
    world.take(world.machine.allReported(Linear.read.life(1), now: 2))
    world.take(world.machine.allReported(Linear.write.life(1), now: 3))
    world.settle()
    #expect(world.outcome == .complete && world.serving.isEmpty)
  }
}
