import Foundation
import Glibc
import Multiprocessing
import POSIXKit
import TestSupport
import Testing

/// What every start method promises, shown with real processes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct StartMethodConformance {
  @Test(arguments: StartMethod.allCases)
  func `an exit status is N for exit N and -N for signal N`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("statuses", method)
    #expect(
      run.statuses == [
        "exit 0": 0, "exit 7": 7, "exit 255": 255, "raise 9": -9, "raise 15": -15, "crash": -11,
      ])
  }

  @Test(arguments: StartMethod.allCases)
  func `output is captured whole and nothing is written twice`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("output", method)
    #expect(run.facts.filter { $0.fact == "buffered" }.count == 1)
    #expect(run["stdout"]?.number == 200_005)
    #expect(run["stdout"]?.text == "out\n")
    #expect(run["stderr"]?.text == "err\n")
  }

  @Test(arguments: StartMethod.allCases)
  func `a child inherits what is listed and nothing else`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("inherit", method)
    let seen = Self.inspection(run)
    #expect(seen["descriptors"] == "0,1,2,3,4,5")
    #expect(seen["inheritable"] == "")
    #expect(seen["passed"] == "4,5")
    #expect(run["passed"]?.text == "21")
    #expect(run["payload"]?.number == 3)
    #expect(seen["leads"] == "1")
    #expect(seen["threads"] == "1")
    #expect(seen["method"] == method.rawValue)
    #expect(seen["Name"] == "clean.0")
    #expect(Self.signals(seen["SigBlk"]) == [])
    // glibc's posix_spawn leaves its own two signals ignored, and takes them back when it needs them.
    #expect(Self.signals(seen["SigIgn"]).subtracting([32, 33]) == [])
  }

  @Test(arguments: StartMethod.allCases)
  func `a foreground child stays in the group and ignores the interrupt key`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("foreground", method)
    #expect(run["group"]?.number == 1)
    #expect(Self.signals(Self.inspection(run)["SigIgn"]).contains(Int(SIGINT)))
  }

  @Test(arguments: StartMethod.allCases)
  func `a message may be long but not too long and the end of the channel ends the child`(
    _ method: StartMethod
  ) throws {
    let run = try FixtureRun.complete("control", method)
    #expect(run["echo"]?.number == 1_000_005)
    #expect(run["tooLong"]?.text?.contains("over the limit of 1048576") == true)
    #expect(run.statuses["closed"] == 0)
  }

  @Test(arguments: StartMethod.allCases)
  func `a fork with two threads is refused with the name and the count`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("threads", method)
    let text = try #require(run["start"]?.text)
    if method == .spawn {
      #expect(text == "started")
    } else {
      #expect(text.hasPrefix("Unable to start 'worker.1': this process has 2 threads"))
    }
  }

  @Test(arguments: StartMethod.allCases)
  func `an unknown target is refused at the start with the remedy`(_ method: StartMethod) throws {
    let text = try #require(try FixtureRun.complete("unknown", method)["start"]?.text)
    #expect(text.contains("no process target 'nobody' is registered (registered: 'agent')"))
    #expect(text.contains("ProcessTargets.register"))
  }

  @Test(arguments: StartMethod.allCases)
  func `an external program ends with its worker and is buried`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("external", method)
    #expect(run.statuses["killed"] == -9)
    #expect(run.statuses["orderly"] == 4)
    #expect(run["external"]?.number == 0)
  }

  @Test(arguments: StartMethod.allCases)
  func `a child that is let go of is killed and buried`(_ method: StartMethod) throws {
    #expect(try FixtureRun.complete("letgo", method)["dropped"]?.number == 0)
  }

  @Test(arguments: StartMethod.allCases)
  func `two hundred starts and kills leave nothing behind`(_ method: StartMethod) throws {
    let run = try FixtureRun.complete("churn", method)
    #expect(run["leaked"]?.number == 0)
    #expect(run["threads"]?.number == 1)
    if method == .forkserver {
      // Standard streams, control channel, its own socket.
      #expect(run["server"]?.number == 5)
    }
  }

  @Test(arguments: StartMethod.allCases)
  func `nobody outlives a killed parent, not even in a computation`(_ method: StartMethod) throws {
    let run = try FixtureRun("orphans", method)
    try run.program.wait { run["pids"] != nil || run.program.status != nil }
    let fact = try #require(run["pids"])
    let path = try #require(fact.text)
    let folders = ["\(path)-idle", "\(path)-busy"]
    for folder in folders { #expect(access(folder + "/socket", F_OK) == 0) }
    // Two workers, an external program of each, the server.
    let pids = try #require(fact.numbers).map(Int32.init)
    #expect(pids.count == (method == .forkserver ? 5 : 4))
    let end = MonotonicClock.deadline(after: .seconds(10))
    let watches = try pids.map { Watched(try ProcessWatch($0)) }
    try run.program.child.signal(SIGKILL)
    for watched in watches {
      #expect(try watched.watch.waitForEnd(until: end), "process \(watched.watch.pid) is still there")
    }
    for folder in folders { #expect(access(folder, F_OK) != 0, "\(folder) is still there") }
    try run.program.end()
    #expect(run.program.status == -SIGKILL)
  }

  private final class Watched {
    let watch: ProcessWatch
    init(_ watch: consuming ProcessWatch) { self.watch = watch }
  }

  private static func inspection(_ run: FixtureRun) -> [String: String] {
    var seen: [String: String] = [:]
    for line in (run["inspection"]?.text ?? "").split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      seen[String(words[0])] = words.count > 1 ? String(words[1]) : ""
    }
    return seen
  }

  /// The signals of a mask as /proc prints it.
  private static func signals(_ mask: String?) -> Set<Int> {
    let bits = mask.flatMap { UInt64($0, radix: 16) } ?? .max
    return Set((1...64).filter { bits & (1 << ($0 - 1)) != 0 })
  }
}
