import Glibc
import POSIXKit
import Testing

extension EndToEnd {
  /// Changing a live run: `scale`, `restart`, `pause`, `resume`, and `logs` of all that.
  @Suite struct SteeringTests {
    private func names(_ run: PipelineRunner, _ prefix: String) -> [String] {
      run.workers.map(\.name).filter { $0.hasPrefix(prefix) }.sorted()
    }

    @Test func `a stage gets more workers, then fewer, and loses nothing`() throws {
      let steered = try SteeredRun()
      let more = try steered.json("scale", "keep", "4")
      #expect(more["accepted"] as? Bool == true && more["settled"] as? Bool == true, "\(more)")
      #expect(names(steered.run, "keep.").count == 4)
      steered.followed.append(100)
      try steered.followed.waitForOutput()
      let fewer = try steered.command("scale", "p.yaml/keep", "1")
      #expect(fewer.status == 0, "\(fewer.errors)")
      #expect(names(steered.run, "keep.").count == 1)
      steered.followed.append(100)
      try steered.followed.waitForOutput()
      let result = try steered.followed.drain()
      #expect(result.status == 0, "\(result.errors)")
      expectSameBytes(steered.workspace.read("out"), steered.followed.expected)
    }

    @Test func `what can't be scaled says why`() throws {
      let steered = try SteeredRun()
      for (stage, says) in [
        ("read", "can't be scaled"), ("nothing", "has no stage 'nothing'"), ("keep.0", "not a slot"),
      ] {
        let result = try steered.command("scale", stage, "3")
        #expect(result.status == 1 && result.errors.contains(says), "\(result.errors)")
      }
      #expect(try steered.followed.drain().status == 0)
    }

    @Test(arguments: ["keep", "keep.1", "read", "write"])
    func `workers are replaced, and nothing is lost`(name: String) throws {
      let steered = try SteeredRun()
      let stage = name.prefix { $0 != "." }
      let before = Set(steered.run.workers.filter { $0.name.hasPrefix(name) })
      let result = try steered.command("restart", name)
      #expect(result.status == 0, "\(result.errors)")
      let after = Set(steered.run.workers.filter { $0.name.hasPrefix(stage) })
      #expect(after.isDisjoint(with: before), "\(before) and \(after)")
      steered.followed.append(50)
      try steered.followed.waitForOutput()
      let end = try steered.followed.drain()
      #expect(end.status == 0, "\(end.errors)")
      expectSameBytes(steered.workspace.read("out"), steered.followed.expected)
    }

    @Test func `a paused run reads nothing until it is resumed`() throws {
      let steered = try SteeredRun()
      #expect(try steered.command("pause", "p.yaml").status == 0)
      #expect(try steered.status()["state"] as? String == "paused")
      let twice = try steered.command("pause", "p.yaml")
      #expect(twice.status == 1 && twice.errors.contains("paused already"), "\(twice.errors)")
      let before = steered.workspace.read("out")
      steered.followed.append(10)
      // It would have been read by now: a worker that is not paused needs a millisecond.
      try Waiting.pause(.milliseconds(300))
      #expect(steered.workspace.read("out") == before)
      #expect(try steered.command("resume", "p.yaml").status == 0)
      try steered.followed.waitForOutput()
      #expect(try steered.followed.drain().status == 0)
    }

    @Test func `the log of a live run is told and followed to its end`() throws {
      let steered = try SteeredRun()
      #expect(try steered.command("scale", "keep", "3").status == 0)
      let logs = try steered.command("logs", "--pipeline", "p.yaml", "-n", "1000", "--json")
      #expect(logs.status == 0, "\(logs.errors)")
      let records = try logs.outputText.split(separator: "\n").map { try JSONText.object(Array($0.utf8)) }
      #expect(records.allSatisfy { $0["schema"] as? String == "procession.log/1" })
      let scaled = records.filter { ($0["fields"] as? [String: Any])?["event"] as? String == "scale" }
      #expect(scaled.count == 1 && scaled.first?["stage"] as? String == "keep", "\(logs.outputText)")
      let follower = try steered.workspace.start(["logs", "-f", "--pipeline", "p.yaml", "-n", "1"])
      try Waiting.until("the last message") { !follower.output.isEmpty }
      #expect(steered.followed.kill("keep.0"))
      try Waiting.until("the death in the log") { follower.output.contains("keep.0") }
      #expect(try steered.followed.drain().status == 0)
      let result = try follower.wait()
      #expect(result.status == 0 && result.errors.contains("the run has ended: drained"), "\(result.errors)")
    }
  }
}
