import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// Changing a live run: `scale`, `restart`, `pause`, `resume`, and `logs` of all that.
  @Suite struct SteeringCommandTests {
    private func names(_ run: PipelineRunner, _ prefix: String) -> [String] {
      run.workers.map(\.name).filter { $0.hasPrefix(prefix) }.sorted()
    }

    @Test func `a stage gets more workers, then fewer, and loses nothing`() throws {
      let watched = try WatchedRun()
      let more = try watched.json("scale", "keep", "4")
      #expect(more["accepted"] as? Bool == true && more["settled"] as? Bool == true, "\(more)")
      #expect(names(watched.run, "keep.").count == 4)
      watched.followed.append(100)
      try watched.followed.waitForOutput()
      let fewer = try watched.command("scale", "p.yaml/keep", "1")
      #expect(fewer.status == 0, "\(fewer.errors)")
      #expect(names(watched.run, "keep.").count == 1)
      watched.followed.append(100)
      try watched.followed.waitForOutput()
      let result = try watched.followed.drain()
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(watched.workspace.read("out"), watched.followed.expected)
    }

    @Test func `what can't be scaled says why`() throws {
      let watched = try WatchedRun()
      for (stage, says) in [
        ("read", "can't be scaled"), ("nothing", "has no stage 'nothing'"), ("keep.0", "not a slot"),
      ] {
        let result = try watched.command("scale", stage, "3")
        #expect(result.status == 1 && result.errors.contains(says), "\(result.errors)")
      }
      #expect(try watched.followed.drain().status == 0)
    }

    @Test(arguments: ["keep", "keep.1", "read", "write"])
    func `workers are replaced, and nothing is lost`(name: String) throws {
      let watched = try WatchedRun()
      let stage = name.prefix { $0 != "." }
      let before = Set(watched.run.workers.filter { $0.name.hasPrefix(name) })
      let result = try watched.command("restart", name)
      #expect(result.status == 0, "\(result.errors)")
      let after = Set(watched.run.workers.filter { $0.name.hasPrefix(stage) })
      #expect(after.isDisjoint(with: before), "\(before) and \(after)")
      watched.followed.append(50)
      try watched.followed.waitForOutput()
      let end = try watched.followed.drain()
      #expect(end.status == 0, "\(end.errors)")
      expectSameBytes(watched.workspace.read("out"), watched.followed.expected)
    }

    @Test func `a paused run reads nothing until it is resumed`() throws {
      let watched = try WatchedRun()
      #expect(try watched.command("pause", "p.yaml").status == 0)
      #expect(try watched.status()["state"] as? String == "paused")
      let twice = try watched.command("pause", "p.yaml")
      #expect(twice.status == 1 && twice.errors.contains("paused already"), "\(twice.errors)")
      let before = watched.workspace.read("out")
      watched.followed.append(10)
      // It would have been read by now: a worker that is not paused needs a millisecond.
      try Waiting.pause(.milliseconds(300))
      #expect(watched.workspace.read("out") == before)
      #expect(try watched.command("resume", "p.yaml").status == 0)
      try watched.followed.waitForOutput()
      #expect(try watched.followed.drain().status == 0)
    }

    @Test func `the log of a live run is told and followed to its end`() throws {
      let watched = try WatchedRun()
      #expect(try watched.command("scale", "keep", "3").status == 0)
      let logs = try watched.command("logs", "--pipeline", "p.yaml", "-n", "1000", "--json")
      #expect(logs.status == 0, "\(logs.errors)")
      let records = try logs.outputText.split(separator: "\n").map { try JSONText.object(Array($0.utf8)) }
      #expect(records.allSatisfy { $0["schema"] as? String == "procession.log/1" })
      let scaled = records.filter { ($0["fields"] as? [String: Any])?["event"] as? String == "scale" }
      #expect(scaled.count == 1 && scaled.first?["stage"] as? String == "keep", "\(logs.outputText)")
      let follower = try watched.workspace.start(["logs", "-f", "--pipeline", "p.yaml", "-n", "1"])
      try Waiting.until("the last message") { !follower.output.isEmpty }
      #expect(watched.followed.kill("keep.0"))
      try Waiting.until("the death in the log") { follower.output.contains("keep.0") }
      #expect(try watched.followed.drain().status == 0)
      let result = try follower.wait()
      #expect(result.status == 0 && result.errors.contains("the run has ended: drained"), "\(result.errors)")
    }
  }
}
