import Glibc
import POSIXKit
import Testing

struct ProcessTests {
  @Test func `the kernel's numbers of this process make sense`() throws {
    let own = try ProcessStatistics(of: getpid())
    #expect(own.parent == getppid())
    #expect(own.group == getpgrp())
    #expect(own.threads >= 1)
    #expect(own.residentBytes > 1 << 20)
    #expect(try ProcessStatistics.proportionalSetSize(of: getpid()) > 1 << 20)
    #expect(try countOfThreads() >= 1)
    #expect(throws: SystemCallError.self) { try ProcessStatistics(of: 0x3fff_ffff) }
  }

  @Test func `the limit of descriptors can be raised`() throws {
    #expect(try DescriptorLimit.raise() == DescriptorLimit.current)
  }

  @Test func `a program starts, can be watched and signalled`() throws {
    let pid = try ProgramStart.spawn(
      "/bin/sleep", arguments: ["sleep", "1000"], descriptors: [-1, -1, -1])
    let watch = try ProcessWatch(pid)
    #expect(try !watch.waitForEnd(until: 0))
    #expect(try ProcessStatistics(of: pid).group == pid)
    #expect(try watch.signal(SIGTERM))
    #expect(try watch.waitForEnd(until: MonotonicClock.deadline(after: .seconds(10))))
    var status: Int32 = 0
    #expect(waitpid(pid, &status, 0) == pid)
    #expect(throws: SystemCallError.self) {
      try ProgramStart.spawn("/nowhere", arguments: ["x"], descriptors: [-1, -1, -1])
    }
  }
}
