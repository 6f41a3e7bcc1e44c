import Glibc
import POSIXKit
import Testing

struct PollerTests {
  @Test func `what is ready comes with its token, and a deadline with nothing`() throws {
    var quiet = try Pipe()
    var ready = try Pipe()
    let quietEnd = quiet.takeReadEnd()
    let readyEnd = ready.takeReadEnd()
    let writer = ready.takeWriteEnd()
    var poller = Poller()
    poller.watch(quietEnd.raw, token: 1)
    poller.watch(readyEnd.raw, token: 2)
    #expect(try poller.wait(until: MonotonicClock.deadline(after: .milliseconds(5))) == [])
    try writer.writeAll([1])
    let found = try poller.wait(until: nil)
    #expect(found.map(\.token) == [2])
    #expect(found[0].readable && !found[0].hungUp)
    _ = consume writer
    #expect(try poller.wait(until: nil)[0].hungUp)
  }

  @Test func `deadlines saturate`() {
    #expect(MonotonicClock.later(.max - 1, by: .seconds(1)) == .max)
    #expect(Duration.seconds(-1).wholeNanoseconds == 0)
    #expect(Duration.milliseconds(1500).wholeNanoseconds == 1_500_000_000)
    #expect(MonotonicClock.nearest(nil, 4) == 4)
    #expect(MonotonicClock.nearest(3, 4) == 3)
  }
}
