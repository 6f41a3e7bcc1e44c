import Supervisor
import Testing

struct DrainStateMachineTests {
  private let second: UInt64 = 1_000_000_000

  @Test func `a drain is told when it begins, while it lasts and when it ends`() {
    var machine = DrainStateMachine()
    #expect(machine.look(isDraining: false, now: 0) == nil)
    #expect(machine.nextWord == nil)
    #expect(machine.look(isDraining: true, now: second) == .began)
    #expect(machine.nextWord == 6 * second)
    #expect(machine.look(isDraining: true, now: 2 * second) == nil)
    #expect(machine.look(isDraining: true, now: 6 * second) == .goesOn(since: 5 * second))
    #expect(machine.look(isDraining: true, now: 6 * second + 1) == nil)
    // A stopped machine is late for it, and does not make up.
    #expect(machine.look(isDraining: true, now: 60 * second) == .goesOn(since: 59 * second))
    #expect(machine.nextWord == 65 * second)
    #expect(machine.ended(now: 61 * second) == .ended(after: 60 * second))
    #expect(machine.nextWord == nil)
    #expect(machine.ended(now: 62 * second) == nil)
  }

  @Test func `a drain that is cut short wakes nobody any more, and still is told of`() {
    var machine = DrainStateMachine()
    _ = machine.look(isDraining: true, now: second)
    #expect(machine.look(isDraining: false, now: 7 * second) == nil)
    #expect(machine.nextWord == nil)
    #expect(machine.ended(now: 8 * second) == .ended(after: 7 * second))
  }

  @Test func `a run that never drained has nothing to say of it`() {
    var machine = DrainStateMachine()
    #expect(machine.ended(now: second) == nil)
  }
}
