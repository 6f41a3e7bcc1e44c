import Supervisor
import Testing

struct ServiceStateMachineTests {
  private let second: UInt64 = 1_000_000_000

  @Test func `readiness and the end are told once, with the health of the moment`() {
    var machine = ServiceStateMachine(watchdog: nil, now: 0)
    #expect(
      machine.look(isReady: false, isStopping: false, health: "starting", now: 0) == ["STATUS=starting"])
    #expect(
      machine.look(isReady: true, isStopping: false, health: "running", now: 10) == [
        "READY=1\nSTATUS=running"
      ])
    #expect(machine.look(isReady: true, isStopping: false, health: "running", now: 20) == [])
    #expect(
      machine.look(isReady: true, isStopping: true, health: "draining", now: 30) == [
        "STOPPING=1\nSTATUS=draining"
      ])
    #expect(machine.look(isReady: true, isStopping: true, health: "draining", now: 40) == [])
    #expect(machine.nextDeadline == nil)
  }

  @Test func `a run that ends before it is ready still says that it stops`() {
    var machine = ServiceStateMachine(watchdog: nil, now: 0)
    #expect(
      machine.look(isReady: false, isStopping: true, health: "ending", now: 0) == [
        "STOPPING=1\nSTATUS=ending"
      ])
  }

  @Test func `health that changes often is told once a second, and the last of it always`() {
    var machine = ServiceStateMachine(watchdog: nil, now: 0)
    #expect(machine.look(isReady: true, isStopping: false, health: "0", now: 0) == ["READY=1\nSTATUS=0"])
    for change in 1...9 {
      #expect(
        machine.look(isReady: true, isStopping: false, health: "\(change)", now: UInt64(change) * 1_000) == []
      )
      #expect(machine.nextDeadline == second)
    }
    #expect(machine.look(isReady: true, isStopping: false, health: "9", now: second) == ["STATUS=9"])
    #expect(machine.nextDeadline == nil)
    // Back at what was told before it could be told: nothing to say.
    _ = machine.look(isReady: true, isStopping: false, health: "10", now: second + 1)
    #expect(machine.look(isReady: true, isStopping: false, health: "9", now: 3 * second) == [])
  }

  @Test func `a sign of life goes out after half the time, even before the run is ready`() {
    var machine = ServiceStateMachine(watchdog: 2 * second, now: 0)
    _ = machine.look(isReady: false, isStopping: false, health: "h", now: 0)
    #expect(machine.nextDeadline == second)
    #expect(machine.look(isReady: false, isStopping: false, health: "h", now: second - 1) == [])
    #expect(machine.look(isReady: false, isStopping: false, health: "h", now: second) == ["WATCHDOG=1"])
    #expect(machine.nextDeadline == 2 * second)
    #expect(machine.look(isReady: false, isStopping: true, health: "h", now: 5 * second).last == "WATCHDOG=1")
    #expect(machine.nextDeadline == 6 * second)
  }

  @Test func `a newline in the health can't begin another assignment`() {
    var machine = ServiceStateMachine(watchdog: nil, now: 0)
    #expect(
      machine.look(isReady: false, isStopping: false, health: "a\nREADY=1\r\nb", now: 0) == [
        "STATUS=a READY=1 b"
      ])
  }
}
