import Multiprocessing
import Testing

/// Results one after the other.
@Suite struct StreamTests {
  @Test(arguments: StartMethod.allCases)
  func imapReadsOnlyAsFastAsResultsAreTaken(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("lazy", method) == [
        "at first: 0", "ahead: true after 100: true sum: 338350", "all: 1000 333833500",
      ])
  }

  @Test func anEndlessInputIsReadOnDemand() throws {
    #expect(
      try FixtureRun.complete("endless", .fork) == [
        "\(Array(0..<20))", "\(PoolErrorText.notReady)", "20", "joined -1",
      ])
  }

  @Test func imapUnorderedHandsOutWhatIsReadyFirst() throws {
    #expect(try FixtureRun.complete("unordered", .fork).first?.hasSuffix(", 400]") == true)
  }

  @Test func whatWaitsBehindALongTaskGoesToAFreeWorker() throws {
    #expect(try FixtureRun.complete("recall", .fork) == ["last: 700 of 31"])
  }

  @Test func joinReadsWhatImapHasNotReadAndKeepsItsResults() throws {
    #expect(try FixtureRun.complete("join", .fork) == ["count: 500 dropped: true"])
  }

  @Test(arguments: StartMethod.allCases)
  func largeResultsArriveWhole(method: StartMethod) throws {
    #expect(try FixtureRun.complete("large", method) == ["[1, 4095, 4096, 5242880, 0, 100000]"])
  }

  @Test(arguments: StartMethod.allCases)
  func asyncCodeIteratesOverResults(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("async", method) == [
        "sum: 2646700", "even 2", "even 4", "threw Refused", "CancellationError",
      ])
  }
}
