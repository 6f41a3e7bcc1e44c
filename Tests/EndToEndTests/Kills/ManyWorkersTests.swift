import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Two hundred workers, killed two thousand times: nothing is lost, and nothing piles up.
  @Suite struct ManyWorkersTests {
    static let workers = 200
    static let kills = 2000
    /// Ended and not replaced at a time: more would only wait for the supervisor.
    static let mostDown = 20

    /// With one that reads and one that writes. None keeps dead letters: its restart policy can't be chosen, and
    /// allows fewer deaths than here.
    private static let pipeline = """
      name: many
      stages:
        read:
          restart: { max: 100000, within: 1m, backoff: 1ms..5ms }
          on_error: drop
          source: { file: { path: log, format: lines, follow: true } }
        keep:
          restart: { max: 100000, within: 1m, backoff: 1ms..5ms }
          attempts: 100
          on_error: drop
          workers: \(workers - 2)
          steps: [ { filter: "true" } ]
        write:
          restart: { max: 100000, within: 1m, backoff: 1ms..5ms }
          attempts: 100
          on_error: drop
          sink: { file: { path: out, format: lines } }
      """

    @Test(.timeLimit(.minutes(5)), arguments: Seed.some(1))
    func `nothing piles up`(seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      workspace.write("p.yaml", Self.pipeline)
      let log = GrowingLog(workspace["log"])
      log.append(10)
      let run = try workspace.start(["run", "--quiet", "p.yaml"])
      let family = ProcessFamily(of: run.pid)
      try family.settle(at: Self.workers, run)
      try waitForOutput(workspace, log, run)
      let before = try family.footprint()

      var killed: Set<Int32> = []
      let story = "\(seed.testDescription), \(Self.workers) workers"
      while killed.count < Self.kills {
        try #require(run.isRunning, "\(story), after \(killed.count) kills:\n\(run.errors.suffix(4000))")
        let alive = family.members.filter { !killed.contains($0) }
        guard alive.count > Self.workers - Self.mostDown, let victim = alive.randomElement(using: &seed)
        else {
          try Waiting.pause(.milliseconds(1))
          continue
        }
        kill(victim, SIGKILL)
        killed.insert(victim)
        if killed.count % 10 == 0 { log.append(10) }
      }

      try family.settle(at: Self.workers, run)
      try waitForOutput(workspace, log, run)
      expectSameBytes(workspace.read("out"), log.bytes, story)
      let after = try family.footprint()
      #expect(after.descriptors == before.descriptors, "\(story): descriptors of the supervisor")
      #expect(
        after.residentBytes - before.residentBytes < 32 << 20,
        "\(story): the supervisor had \(before.residentBytes) bytes, and has \(after.residentBytes)")
      try run.signal(SIGTERM)
      let result = try run.finish()
      #expect(result.status == 0, "\(story)\n\(result.errors.suffix(4000))")
      #expect(result.errors.contains("drained in "), "\(story)\n\(result.errors.suffix(4000))")
      expectSameBytes(workspace.read("out"), log.bytes, story)
    }

    private func waitForOutput(_ workspace: Workspace, _ log: GrowingLog, _ run: PipelineRunner) throws {
      try Waiting.until("the output:\n\(run.errors.suffix(4000))") {
        try #require(run.isRunning, "it ended:\n\(run.errors.suffix(4000))")
        return FileBytes.size(workspace["out"]) >= log.bytes.count
      }
    }
  }
}

/// A file that the test appends lines to, each another.
private final class GrowingLog {
  private let path: String
  private var count = 0
  private(set) var bytes: [UInt8] = []

  init(_ path: String) {
    self.path = path
    FileBytes.write([], to: path)
  }

  func append(_ lines: Int) {
    var added: [UInt8] = []
    for _ in 0..<lines {
      count += 1
      added += Array("line \(count) of the log\n".utf8)
    }
    let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    precondition(write(file, added, added.count) == added.count, "can't append to \(path)")
    close(file)
    bytes += added
  }
}

/// The children of a supervisor, and what it holds for them.
private struct ProcessFamily {
  let supervisor: Int32

  init(of supervisor: Int32) { self.supervisor = supervisor }

  struct Footprint {
    var descriptors: Int
    var residentBytes: Int
  }

  /// Pids, those of the dead that are not buried yet among them.
  var members: [Int32] {
    let text = (try? textOfSystemFile("/proc/\(supervisor)/task/\(supervisor)/children")) ?? ""
    return text.split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
  }

  /// Waits until there are so many children, all of them alive.
  func settle(at count: Int, _ run: PipelineRunner) throws {
    try Waiting.until("\(count) live children, not \(members.count):\n\(run.errors.suffix(4000))") {
      try #require(run.isRunning, "it ended:\n\(run.errors.suffix(4000))")
      let members = members
      return members.count == count
        && members.allSatisfy { pid in
          let state = (try? ProcessStatistics(of: pid))?.state
          return state != nil && state != "Z"
        }
    }
  }

  func footprint() throws -> Footprint {
    Footprint(
      descriptors: try namesInFolder("/proc/\(supervisor)/fd").count,
      residentBytes: try ProcessStatistics(of: supervisor).residentBytes)
  }
}
