import Multiprocessing
import Testing

/// What a pool does as Python's does.
@Suite struct PoolTests {
  @Test(arguments: StartMethod.allCases)
  func mapsStarmapsAndApplies(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("map", method) == ["[1, 4, 9]", "332833500", "[]", "1024", "[8, 9]"])
  }

  @Test(arguments: StartMethod.allCases)
  func mapThrowsTheFirstErrorAndImapThrowsAtThePlaceAndGoesOn(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("errors", method) == [
        "map: 3", #"imap: ["0", "refused 3", "4"]"#, "wait: true", "ready: true successful: false",
        "get: Refused(number: 7)", "still: 8",
      ])
  }

  @Test(arguments: StartMethod.allCases)
  func misuseIsAnErrorWithItsRemedy(method: StartMethod) throws {
    let lines = try FixtureRun.complete("misuse", method)
    let expected = [
      "PoolError: The pool still takes tasks, so join would wait without end: call close or terminate before join.",
      "PoolError: The task has not ended: wait for it before asking whether it was successful.",
      "PoolError: The result is not ready yet; the task goes on.",
      "napped: 200",
      "PoolError: The pool is closed or terminated and takes no more tasks: make a new one.",
      "PoolError: A pool has at least one worker, not 0.",
    ]
    #expect(Array(lines.prefix(6)) == expected)
    // A function that was not listed.
    #expect(lines.count == 7 && lines[6].contains("'late'") && lines[6].contains("bootstrap"), "\(lines)")
  }

  @Test func callbacksRunOnceAndMaySubmit() throws {
    #expect(
      try FixtureRun.complete("callbacks", .fork) == [#"["result 4", "error", "results [1, 4] 81"]"#])
  }

  @Test(arguments: StartMethod.allCases)
  func anInitializerRunsInEachWorker(method: StartMethod) throws {
    #expect(try FixtureRun.complete("initializer", method) == [#"["hello", "hello", "hello"]"#])
  }

  @Test(arguments: StartMethod.allCases)
  func workersAreReplacedAfterSoManyChunks(method: StartMethod) throws {
    #expect(try FixtureRun.complete("replacement", method) == ["most chunks: 2 workers: true"])
  }

  /// ceil(count / (4 x workers)) calls a chunk.
  @Test func chunksAreAsLargeAsInPython() throws {
    #expect(try FixtureRun.complete("chunks", .fork) == ["1: 1", "8: 8", "9: 5", "20: 7"])
  }

  @Test func aForkPoolTakesClosuresWithTheirCaptures() throws {
    let lines = try FixtureRun.complete("closures", .fork)
    #expect(lines.prefix(2) == ["true", "true"])
    #expect(lines.count == 3 && lines[2].contains("functions: [shift]"), "\(lines)")
  }

  @Test func forkPoolsAreMadeBeforeTheFirstIsUsed() throws {
    let lines = try FixtureRun.complete("two-pools", .fork)
    #expect(lines.first == "9 16")
    #expect(lines.count == 2 && lines[1].contains("threads"), "\(lines)")
    #expect(try FixtureRun.complete("two-pools", .spawn) == ["9 16"])
  }

  @Test(arguments: StartMethod.allCases)
  func whatIsPrintedIsPrintedOnce(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("print", method).sorted() == [
        "after", "before", "from the worker", "once more", "true",
      ])
  }
}
