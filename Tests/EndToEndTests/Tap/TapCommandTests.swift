import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Records looked at as they pass in a run that follows a file.
  @Suite struct TapCommandTests {
    /// Starts a tap and waits until workers have been told of it.
    private func tap(_ run: FollowedRun, _ arguments: [String]) throws -> PipelineRunner {
      // By its file: whoever else has runs on this machine has no say in it.
      let tap = try run.workspace.start(["tap", "p.yaml/\(arguments[0])"] + arguments.dropFirst())
      try Waiting.until("the tap: \(tap.errors)") { tap.errors.contains("tapping ") || !tap.isRunning }
      try #require(tap.isRunning, "\(tap.errors)")
      return tap
    }

    private func start() throws -> FollowedRun {
      let run = try FollowedRun()
      run.append(1)
      try run.waitForOutput()
      return run
    }

    /// The lines as JSON, sorted: two workers need not keep the order.
    private func sorted(_ output: [UInt8]) -> [String] {
      String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
    }

    private func lines(_ numbers: ClosedRange<Int>) -> [String] {
      numbers.map { "\"line \($0) of the log\"" }.sorted()
    }

    private func waitForLines(_ count: Int, of tap: PipelineRunner) throws {
      try Waiting.until("\(count) lines, not \(tap.outputLines): \(tap.errors)") {
        tap.outputLines >= count || !tap.isRunning
      }
    }

    @Test(arguments: [["read"], ["keep"], ["keep", "--in"], ["write"]])
    func `what passes is shown, and the run's end ends it`(arguments: [String]) throws {
      let run = try start()
      let tap = try tap(run, arguments)
      run.append(20)
      try run.waitForOutput()
      try waitForLines(20, of: tap)
      try run.run.signal(SIGTERM)
      let ended = try tap.wait()
      let result = try run.run.finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.errors.contains("20 records shown; the run has ended"), "\(ended.errors)")
      #expect(sorted(ended.output) == lines(2...21))
    }

    @Test func `a signal ends it, and the run goes on`() throws {
      let run = try start()
      let tap = try tap(run, ["keep"])
      try tap.signal(SIGINT)
      let ended = try tap.wait()
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(ended.errors.contains("0 records shown"), "\(ended.errors)")
      let folder = try #require(run.workspace.names("sockets").first)
      #expect(!run.workspace.names("sockets/\(folder)").contains { $0.hasPrefix("tap-") })
      run.append(5)
      try run.waitForOutput()
      #expect(try run.drain().status == 0)
    }

    @Test func `a filter and a limit choose what is shown`() throws {
      let run = try start()
      let tap = try tap(run, ["keep", "--json", "--filter", "test(\"line 1. \")", "--limit", "4"])
      run.append(20)
      let ended = try tap.wait()
      #expect(ended.status == 0, "\(ended.errors)")
      let shown = ended.outputText.split(separator: "\n")
      #expect(shown.count == 4)
      #expect(shown.allSatisfy { $0.hasPrefix("{\"schema\":\"procession.tap/1\",\"slot\":\"keep.") })
      #expect(shown.allSatisfy { $0.contains("\"record\":\"line 1") })
      try run.waitForOutput()
      #expect(try run.drain().status == 0)
    }

    /// Who replaces a dead worker is told, too.
    @Test func `deaths do not end it`() throws {
      let run = try start()
      let tap = try tap(run, ["write", "--in"])
      let victim = try #require(run.run.workers.first { $0.name == "write.0" })
      victim.kill()
      run.append(20)
      try run.waitForOutput()
      try waitForLines(20, of: tap)
      try tap.signal(SIGTERM)
      let ended = try tap.wait()
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(Set(sorted(ended.output)).isSuperset(of: lines(2...21)), "\(ended.outputText)")
      #expect(try run.drain().status == 0)
    }

    @Test func `what can't be looked at is refused with what would be right`() throws {
      let run = try start()
      for (arguments, words) in [
        (["read", "--in"], "look at what goes out (--out)"),
        (["write", "--out"], "look at what comes in (--in)"),
        (["nothing"], "it has read, keep, write"), (["keep.7"], "it has keep.0, keep.1"),
      ] {
        let refused = try run.workspace.runBeside(["tap", "p.yaml/\(arguments[0])"] + arguments.dropFirst())
        #expect(refused.status == 1, "\(refused.errors)")
        #expect(refused.errors.contains(words), "\(refused.errors)")
      }
      let usage = try run.workspace.runBeside(["tap", "p.yaml/keep", "--filter", ".a |"])
      #expect(usage.status == 2, "\(usage.errors)")
      #expect(usage.errors.contains("--filter, at character"), "\(usage.errors)")
      #expect(try run.drain().status == 0)
    }

    @Test func `without its run there is nothing to look at`() throws {
      let result = try Workspace().run(["tap", "none.yaml/clean"])
      #expect(result.status == 1)
      #expect(result.errors.contains("is live"), "\(result.errors)")
    }
  }
}
