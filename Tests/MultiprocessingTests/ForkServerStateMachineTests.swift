import Multiprocessing
import Testing

struct ForkServerStateMachineTests {
  @Test func `starts wait for the preload and their time runs from there`() {
    var machine = ForkServer.StateMachine()
    #expect(machine.startRequested(id: 1, within: 10, now: 0) == [])
    #expect(machine.nextDeadline == nil)
    #expect(machine.timePassed(now: 1000) == [])
    #expect(machine.preloadCompleted(now: 1000) == [.transmit(1)])
    #expect(machine.nextDeadline == 1010)
    machine.startAnswered(id: 1)
    #expect(machine.nextDeadline == nil)
  }

  @Test func `an unanswered start fails and ends the server`() {
    var machine = ForkServer.StateMachine()
    _ = machine.preloadCompleted(now: 0)
    #expect(machine.startRequested(id: 1, within: 10, now: 5) == [.transmit(1)])
    #expect(machine.startRequested(id: 2, within: 20, now: 5) == [.transmit(2)])
    #expect(machine.timePassed(now: 15) == [.fail(1, .silent), .kill])
    #expect(machine.ended() == [.fail(2, .gone)])
    #expect(machine.startRequested(id: 3, within: 10, now: 20) == [.fail(3, .gone)])
  }

  @Test func `a failed preload fails what waits and what comes`() {
    var machine = ForkServer.StateMachine()
    _ = machine.startRequested(id: 1, within: 10, now: 0)
    #expect(machine.preloadFailed("no file") == [.fail(1, .preload("no file"))])
    #expect(machine.ended() == [])
    #expect(machine.startRequested(id: 2, within: 10, now: 1) == [.fail(2, .preload("no file"))])
  }
}
