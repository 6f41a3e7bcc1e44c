import Glibc
import Stages
import TestSupport
import Testing

extension EndToEnd {
  /// A replay that is killed at any moment and run again.
  @Suite struct KilledReplayTests {
    private static let records = 40_000

    /// Every second record dies; a second sink has several workers and parts.
    private func lossy() throws -> Workspace {
      let workspace = Workspace()
      var text = ""
      for number in 0..<Self.records {
        text += "{\"n\":\(number),\"v\":\(number % 2 == 0 ? "1" : "\"a text that is no number\"")}\n"
      }
      workspace.write("in.jsonl", text)
      workspace.write(
        "p.yaml",
        """
        dead_letters: { limit: none }
        stages:
          read: { source: { file: in.jsonl } }
          clean:
            from: read
            restart: { max: 1000, within: 1m }
            workers: 2
            steps: [ { map: "{ n, v: (.v + 1) }" } ]
          write: { from: clean, restart: { max: 1000, within: 1m }, sink: { file: out.jsonl } }
          parts:
            from: clean
            restart: { max: 1000, within: 1m }
            workers: 2
            sink: { file: { path: parts.jsonl, rotate: { size: 100KiB } } }
        """)
      try workspace.runLosing(Self.records / 2)
      workspace.mend(".v + 1", with: ".n")
      return workspace
    }

    private func numbers(_ workspace: Workspace, _ names: [String]) -> [Int] {
      names.flatMap { name in
        (workspace.text(name) ?? "").split(separator: "\n").compactMap { line in
          Int(line.drop { !$0.isNumber }.prefix { $0.isNumber })
        }
      }.sorted()
    }

    /// Whether the outputs hold each record once. The numbers themselves would fill a page.
    private func isWhole(_ workspace: Workspace, _ names: [String], _ count: Int = Self.records) -> Bool {
      let found = numbers(workspace, names)
      return found.count == count && found.elementsEqual(0..<count)
    }

    private func expectAllOnce(_ workspace: Workspace, _ story: String) throws {
      #expect(isWhole(workspace, ["out.jsonl"]), "\(story)")
      let parts = workspace.names().filter { $0.hasPrefix("parts.") }
      #expect(parts.allSatisfy { $0.hasSuffix(".jsonl") }, "\(parts) \(story)")
      #expect(isWhole(workspace, parts), "\(story)")
      #expect(try workspace.letters(.replayed).count == Self.records / 2, "\(story)")
      #expect(try workspace.letters(.dead).isEmpty, "\(story)")
      #expect(!workspace.names(".procession/p").contains("replay"), "\(story)")
    }

    @Test(arguments: Seed.some(3))
    func `each letter is put back in once, whoever dies and how often`(seed: Seed) throws {
      var seed = seed
      let workspace = try lossy()
      let before = workspace.read("out.jsonl") ?? []
      var story = seed.testDescription
      var status: Int32 = -1
      for round in 0..<30 where status != 0 {
        let run = try workspace.start(["dead-letters", "replay", "p.yaml", "--all", "--quiet"])
        while run.isRunning {
          try Waiting.pause(.milliseconds(Int.random(in: 1...60, using: &seed)))
          // Ever more patient, so that it comes to its end.
          guard Int.random(in: 0..<10, using: &seed) >= round else { continue }
          if Int.random(in: 0..<3, using: &seed) == 0 {
            try? run.signal(SIGKILL)
            story += " supervisor"
          } else if let victim = run.workers.randomElement(using: &seed) {
            victim.kill()
            story += " \(victim.name)"
          }
        }
        let result = try run.wait()
        status = result.status
        story += "\n\(result.errors)"
        try #require(status == 0 || status == -SIGKILL, "\(story)")
      }
      #expect(status == 0, "\(story)")
      #expect(Array((workspace.read("out.jsonl") ?? []).prefix(before.count)) == before, "\(story)")
      try expectAllOnce(workspace, story)
    }

    @Test(arguments: [
      "write.0:before-commit:1", "write.0:after-commit:1", "parts.1:after-write:1",
      "letters of clean.0:after-send:2", "dead-letters.0:before-report:1", "parts.0:before-report:1",
    ])
    func `a death at a given point changes nothing`(fault: String) throws {
      let workspace = try lossy()
      let result = try workspace.replay("--all", environment: ["PROCESSION_FAULTS": fault])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("SIGKILL"), "\(result.errors)")
      try expectAllOnce(workspace, result.errors)
    }

    /// Killed in the middle, so that the replay is known to be unfinished.
    private func unfinished() throws -> Workspace {
      let workspace = try lossy()
      let size = (workspace.read("out.jsonl") ?? []).count
      let run = try workspace.start(["dead-letters", "replay", "p.yaml", "--all", "--quiet"])
      try Waiting.until("something that is put back in") {
        (workspace.read("out.jsonl") ?? []).count > size || !run.isRunning
      }
      try run.signal(SIGKILL)
      #expect(try run.wait().status == -SIGKILL)
      return workspace
    }

    @Test func `until it is complete nothing else is done, and no selection changes it`() throws {
      let workspace = try unfinished()
      let refused = try workspace.run(["run", "p.yaml"])
      #expect(refused.status == 2)
      #expect(
        refused.errors.contains("finish it with 'procession dead-letters replay p.yaml'"), "\(refused.errors)"
      )
      let shown = try workspace.run(["state", "show", "p.yaml"])
      #expect(shown.outputText.contains("unfinished, begun "), "\(shown.outputText)")
      let text = try #require(workspace.text("p.yaml"))
      workspace.mend("write: { from: clean,", with: "write: { from: read,")
      let changed = try workspace.replay()
      #expect(changed.status == 2)
      #expect(changed.errors.contains("undo what has changed since their replay began"), "\(changed.errors)")
      workspace.write("p.yaml", text)
      let result = try workspace.replay()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with the replay of "))
      try expectAllOnce(workspace, result.errors)
    }

    @Test func `a fresh run gives it up, and its letters are dead again`() throws {
      let workspace = try unfinished()
      let result = try workspace.run(["run", "p.yaml", "--fresh", "--quiet"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(isWhole(workspace, ["out.jsonl"]))
      #expect(try workspace.letters().allSatisfy { $0.state == .dead && $0.replay == nil })
      #expect(!workspace.names(".procession/p").contains("replay"))
    }

    /// The run goes on behind what was put back in meanwhile.
    @Test func `an unfinished run goes on after a replay`() throws {
      let workspace = Workspace()
      workspace.write(
        "in.jsonl", (0..<300_000).map { "{\"n\":\($0),\"v\":\($0 == 5 ? "\"x\"" : "1")}\n" }.joined())
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: in.jsonl } }
          clean: { steps: [ { map: "{ n, v: (.v + (.n | tonumber)) }" } ] }
          write: { sink: { file: out.jsonl } }
        """)
      let run = try workspace.start(["run", "p.yaml", "--quiet"])
      try Waiting.until("a letter and some output") {
        let letters = try? workspace.letters(.dead)
        return letters?.isEmpty == false && (workspace.read("out.jsonl") ?? []).count > 0 || !run.isRunning
      }
      try run.signal(SIGKILL)
      #expect(try run.wait().status == -SIGKILL)
      let text = try #require(workspace.text("p.yaml"))
      workspace.mend(".v + (.n | tonumber)", with: ".n")
      let replayed = try workspace.replay("--all", "--quiet")
      #expect(replayed.status == 0, "\(replayed.errors)")
      workspace.write("p.yaml", text)
      let result = try workspace.run(["run", "p.yaml", "--quiet"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("going on with the run of "), "\(result.errors)")
      #expect(isWhole(workspace, ["out.jsonl"], 300_000))
      #expect(try workspace.letters().map(\.state) == [.replayed])
    }
  }
}
