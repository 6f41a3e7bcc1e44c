import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Standard input through a pipe and a spool, while its reader dies.
  @Suite struct SpoolTests {
    private static let pipeline = """
      stages:
        read:
          restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
          source: { file: { path: "-", format: lines, spool: true } }
        keep:
          restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
          workers: 2
          steps: [ { filter: "true" } ]
        write:
          restart: { max: 1000, within: 1m, backoff: 1ms..5ms }
          sink: { file: { path: out, format: lines } }
      """

    /// A pipe with a name, of which the test is the writer.
    private final class Feed {
      private var writer: Int32
      private(set) var written: [UInt8] = []
      private var count = 0

      init(_ workspace: Workspace) {
        mkfifo(workspace["pipe"], 0o600)
        // Also open for reading, so that it can be opened before there is a reader.
        writer = open(workspace["pipe"], O_RDWR | O_NONBLOCK | O_CLOEXEC)
        workspace.write("p.yaml", SpoolTests.pipeline)
      }

      deinit { end() }

      func end() {
        if writer >= 0 { close(writer) }
        writer = -1
      }

      /// Writes lines, each another, the last of them without its end; it comes with the next.
      func write(_ lines: Int) throws {
        var bytes: [UInt8] = []
        for _ in 0..<lines {
          count += 1
          bytes += Array("\nline \(count) of the input".utf8)
        }
        written += bytes
        var rest = bytes[...]
        while !rest.isEmpty {
          let done = rest.withUnsafeBytes { Glibc.write(writer, $0.baseAddress, $0.count) }
          if done > 0 { rest = rest.dropFirst(done) }
          if done < 0 {
            let deadline = MonotonicClock.deadline(after: .seconds(30))
            try #require(try Poller.wait(for: writer, .writable, until: deadline), "nobody reads")
          }
        }
      }
    }

    private func start(_ workspace: Workspace, faults: String = "") throws -> PipelineRunner {
      try workspace.start(
        ["run", "p.yaml"], environment: faults.isEmpty ? [:] : ["PROCESSION_FAULTS": faults],
        input: workspace["pipe"])
    }

    @Test(arguments: Seed.some(3))
    func deathsOfTheReaderLoseNothing(seed: Seed) throws {
      var seed = seed
      let workspace = Workspace()
      let feed = Feed(workspace)
      let run = try start(workspace)
      var kills = 0
      for _ in 0..<40 {
        try feed.write(Int.random(in: 1...4000, using: &seed))
        try Waiting.pause(.milliseconds(Int.random(in: 0...10, using: &seed)))
        guard Int.random(in: 0..<3, using: &seed) == 0,
          let reader = run.workers.first(where: { $0.name == "read.0" })
        else { continue }
        reader.kill()
        kills += 1
      }
      feed.end()
      let result = try run.finish()
      let story = "\(seed.testDescription), \(kills) kills\n\(result.errors)"
      #expect(result.status == 0 && kills > 3, "\(story)")
      expectSameBytes(workspace.read("out"), feed.written + [0x0A], story)
    }

    @Test(arguments: ["log", "send", "commit", "report"].flatMap { ["before-\($0)", "after-\($0)"] })
    func theReaderDiesAtEachOfItsEffects(place: String) throws {
      let workspace = Workspace()
      let feed = Feed(workspace)
      let run = try start(workspace, faults: "read.0:\(place):1")
      try feed.write(30_000)
      feed.end()
      let result = try run.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("read.0 was killed by SIGKILL"), "\(result.errors)")
      expectSameBytes(workspace.read("out"), feed.written + [0x0A], result.errors)
    }

    /// The supervisor dies several times; each run goes on with what the spool and the pipe hold.
    @Test func deathsOfTheWholeRunLoseNothing() throws {
      let workspace = Workspace()
      let feed = Feed(workspace)
      for turn in 1...4 {
        let run = try start(workspace)
        try feed.write(3000 * turn)
        try Waiting.until("more output\n\(run.errors)") {
          (workspace.read("out") ?? []).count > feed.written.count / 2
        }
        try run.signal(SIGKILL)
        #expect(try run.wait().status == -SIGKILL)
      }
      let run = try start(workspace)
      feed.end()
      let result = try run.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with the run of"), "\(result.errors)")
      expectSameBytes(workspace.read("out"), feed.written + [0x0A], result.errors)
      #expect(!workspace.names(".procession/p/slots/read.0/spool").isEmpty)
    }

    /// A run that was told to stop leaves the rest to the next, which another input may follow.
    @Test func aStoppedRunGoesOn() throws {
      let workspace = Workspace()
      let feed = Feed(workspace)
      let first = try start(workspace)
      try feed.write(500)
      try Waiting.until("some output") { workspace.text("out")?.contains("line 499") == true }
      try first.signal(SIGTERM)
      let stopped = try first.finish()
      #expect(stopped.status == 3, "\(stopped.errors)")
      workspace.write("more", "\nthe last line\n")
      let result = try workspace.run(["run", "p.yaml"], input: workspace["more"])
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(workspace.read("out"), feed.written + Array("\nthe last line\n".utf8), result.errors)
    }
  }
}
