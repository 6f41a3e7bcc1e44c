import Glibc
import Multiprocessing
import POSIXKit
import TestSupport
import Testing

/// What Python's Pool gets wrong, each by the name under which it is known there.
@Suite struct PythonFaultTests {
  /// bpo-22393: a worker that dies without a word leaves `map` waiting for ever.
  @Test(arguments: StartMethod.allCases)
  func bpo22393ADeadWorkerFailsOnlyItsOwnTask(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("dead-worker", method) == [
        #"map: task 3 SIGKILL ["about to raise 9"]"#,
        #"imap: ["1", "SIGTERM", "3", "4", "SIGUSR1", "6"]"#,
        "exit: 7 no signal", "still: [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]", "one: 25",
      ])
  }

  /// bpo-79492, #101081: an error, or a result, that can't be pickled leaves the result thread dead and `map`
  /// waiting.
  @Test(arguments: StartMethod.allCases)
  func bpo79492AnErrorThatCantBeEncodedArrivesDescribed(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("unspeakable", method) == [
        "Unspeakable: can't be put into bytes", "result: Refused(number: 3)", "still: [9]",
      ])
  }

  /// #78178: terminate waits for a lock that nobody gives back, or for a thread that waits for a worker.
  @Test(arguments: StartMethod.allCases)
  func bpo78178TerminateNeverHangs(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("terminate", method) == [
        "soon: true", "gone: 3 true", "\(PoolErrorText.terminated)", "ten times",
      ])
  }

  /// #80180: workers of a parent that was killed go on for ever.
  @Test(arguments: StartMethod.allCases)
  func bpo80180AKilledParentLeavesNoWorker(method: StartMethod) throws {
    let run = try FixtureRun("wait-to-be-killed", method)
    let pids = try run.workers()
    #expect(pids.count == 3)
    #expect(pids.allSatisfy { kill($0, 0) == 0 })
    try run.kill(andAwait: pids)
    try Waiting.until("the pool's folder to go") { run.poolFolders == [] }
  }

  /// A worker that is killed while it holds the queue's lock stops all others.
  @Test(arguments: [1, 2, 3])
  func aWorkerKilledAtTheWorstMomentBlocksNobody(seed: Int) throws {
    for method in StartMethod.allCases {
      let lines = try FixtureRun.complete("random-kills", method) { _ in "\(seed)" }
      #expect(lines == ["right: true", "killed: true"], "\(method) seed \(seed)")
    }
  }

  /// A worker whose initializer fails is replaced without end, as fast as the machine can.
  @Test(arguments: StartMethod.allCases)
  func aFailingInitializerEndsThePoolAndDoesNotSpin(method: StartMethod) throws {
    let lines = try FixtureRun.complete("bad-initializer", method)
    let text = lines.joined(separator: "\n")
    #expect(
      text.contains("the pool's initializer 'bad-start' failed: Refused: Refused(number: 1)"), "\(text)")
    #expect(lines.contains("again") && lines.contains("soon: true"), "\(text)")
    let starts = lines.first { $0.hasPrefix("starts: ") }.flatMap { Int($0.dropFirst(8)) } ?? 0
    #expect((5...14).contains(starts), "\(text)")
  }

  /// A pool whose fork server was killed waits for ever.
  @Test func aKilledForkServerIsReplacedAndAKilledNurseryEndsThePool() throws {
    #expect(try FixtureRun.complete("lost-server", .forkserver) == ["20"])
    let lines = try FixtureRun.complete("lost-server", .fork)
    #expect(lines.joined().contains("its fork server has ended"), "\(lines)")
  }

  /// No task can be given a limit.
  @Test(arguments: StartMethod.allCases)
  func aTaskOverItsTimeoutIsEndedWithAllThatItStarted(method: StartMethod) throws {
    #expect(
      try FixtureRun.complete("timeout", method) == [
        #"imap: ["1", "timeout", "2", "3"]"#,
        "hang: Task 0 took longer than its limit of 0.5 seconds and was ended.", "its child is gone: true",
        "in time: true", "still: 16",
      ])
  }

  /// A dead worker's task can't be tried again.
  @Test(arguments: StartMethod.allCases)
  func aDeadWorkersTaskIsRetriedAsOftenAsAsked(method: StartMethod) throws {
    #expect(try FixtureRun.complete("retries", method) == ["retried: [1, 1]", "gave up: task 0"])
  }
}

enum PoolErrorText {
  static let terminated = "The pool was terminated before this task ended."
  static let notReady = "The result is not ready yet; the task goes on."
}
