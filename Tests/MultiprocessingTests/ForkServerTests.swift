import Multiprocessing
import Testing

/// What only a fork server promises, shown with real processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ForkServerTests {
  @Test func `a server that dies is replaced and its children keep true statuses`() throws {
    let run = try FixtureRun.complete("replace", .forkserver)
    #expect(run.statuses == ["early": 7, "running": -9, "server": -9, "next": 5])
    #expect(run["late"]?.text == "Unable to start 'late': its fork server has ended.")
  }

  @Test func `four workers share one preloaded table`() throws {
    let run = try FixtureRun.complete("sharing", .forkserver)
    #expect(run["sums"]?.number == 1)
    let workers = try #require(run["proportional"]?.numbers)
    #expect(workers.count == 4)
    // Megabytes: a fifth of the table each, the fifth part is the server's.
    for worker in workers { #expect(worker < 60) }
    #expect(try #require(run["proportional"]?.number) < 260)
  }

  @Test func `a preload's error is reported with its text`() throws {
    let run = try FixtureRun.complete("preload-error", .forkserver)
    #expect(run["preload"]?.text == "airlines.csv:7: there is no column 'carrier'")
    #expect(
      run["start"]?.text
        == "Unable to start 'worker.0': its fork server says: airlines.csv:7: there is no column 'carrier'")
  }

  @Test func `a server that does not answer costs a start its deadline`() throws {
    let run = try FixtureRun.complete("silent", .forkserver)
    #expect(run["start"]?.text == "Unable to start 'worker.0': its fork server did not answer in time.")
  }

  @Test func `a child that nobody has asked yet can be killed`() throws {
    let run = try FixtureRun.complete("early-kill", .forkserver)
    #expect(run["known"]?.number == 0)
    #expect(run.statuses == ["worker.0": -9])
  }
}
