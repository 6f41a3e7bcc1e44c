import Coordination
import Delivery
import Glibc
import PipelineFile
import TestSupport
import Testing
import Worker

/// Runs that are gone on with, or not.
struct ResumingTests {
  private let folder = TemporaryFolder()

  init() { folder.write("in", Array("a\nb\n".utf8)) }

  private var input: InputFile {
    var status = stat()
    precondition(stat(folder.file("in"), &status) == 0)
    return InputFile(
      path: folder.file("in"), shown: "in", size: UInt64(status.st_size), device: UInt64(status.st_dev),
      inode: UInt64(status.st_ino),
      modified: UInt64(status.st_mtim.tv_sec) * 1_000_000_000 + UInt64(status.st_mtim.tv_nsec))
  }

  private func plan(workers: Int = 3) -> Plan {
    var plan = Plans.diamond(output: folder.file("out"))
    plan.stages[1].work = .source(
      FileSourcePlan(pattern: "in", position: Plans.position, files: [input], format: .lines))
    plan.stages[2].workers = workers
    return plan
  }

  private func prepare(_ plan: Plan, fresh: Bool = false) throws -> PreparedRun {
    let state = try RunState.open(folder.file("s"))
    defer { state.removeSockets() }
    return try state.prepare(plan, fresh: fresh, standardOutput: 1)
  }

  /// What is said of a plan that can't be gone on with.
  private func changes(_ plan: Plan) throws -> [String] {
    do {
      _ = try prepare(plan)
      return []
    } catch RunStateError.changed(_, let changes) {
      return changes
    }
  }

  @Test func `each preparation is journalled`() throws {
    let first = try prepare(plan())
    let second = try prepare(plan())
    let third = try prepare(plan())
    #expect(second.history.run == first.history.run && third.history.resumptions == 1)
    let kinds = try Journal.read(folder.file("s/journal")).map { "\($0)".prefix { $0 != "(" } }
    #expect(kinds == ["began", "resumed", "resumed"])
  }

  @Test func `the change that prevents it is told, and nothing is touched`() throws {
    _ = try prepare(plan())
    let journal = folder.read("s/journal")
    let stored = folder.read("s/plan.json")
    var changed = plan()
    changed.stages[2].name = "wash"
    #expect(try changes(changed).contains("stage 'clean' is gone"))
    changed = plan()
    changed.name = "q"
    #expect(try changes(changed) == ["the pipeline is 'q', and the state is that of 'p'"])
    #expect(folder.read("s/journal") == journal && folder.read("s/plan.json") == stored)
    #expect(try prepare(plan()).isResumed)
  }

  @Test func `a change that does not matter is taken on`() throws {
    _ = try prepare(plan())
    let resumed = try prepare(plan(workers: 5))
    #expect(resumed.isResumed && resumed.plan.stages[2].workers == 5)
    #expect(folder.permissions("s/slots/clean.4") != nil)
    #expect(try Plan(canonicalJSON: folder.read("s/plan.json")!).stages[2].workers == 5)
  }

  @Test func `an input that grew is read as far as it went`() throws {
    _ = try prepare(plan())
    folder.append("in", Array("c\n".utf8))
    let resumed = try prepare(plan())
    guard case .source(let source) = resumed.plan.stages[1].work else {
      Issue.record("no source")
      return
    }
    #expect(resumed.isResumed && source.files.map(\.size) == [4])
  }

  @Test func `an input that is not what it was prevents it`() throws {
    let began = plan()
    _ = try prepare(began)
    truncate(folder.file("in"), 2)
    #expect(try changes(plan()) == ["in had 4 bytes when the run began, and has 2 now"])
    folder.append("in", Array("x\n".utf8))
    #expect(try changes(plan()) == ["in was written to since the run began"])
    folder.write("other", Array("a\nb\n".utf8))
    rename(folder.file("other"), folder.file("in"))
    #expect(try changes(plan()) == ["in is another file than when the run began"])
    unlink(folder.file("in"))
    #expect(try changes(began) == ["in can't be looked at: No such file or directory"])
    folder.write("in", [65])
    #expect(try !prepare(plan(), fresh: true).isResumed)
  }

  @Test func `a damaged journal is told, and a fresh run replaces it`() throws {
    _ = try prepare(plan())
    folder.write("s/journal", [1, 2, 3])
    do {
      _ = try prepare(plan())
      Issue.record("gone on with")
    } catch RunStateError.failed(let text) {
      #expect(text.hasSuffix("can't be read: it is damaged; start over with --fresh"))
    }
    #expect(folder.read("s/journal") == [1, 2, 3])
    #expect(try !prepare(plan(), fresh: true).isResumed)
    #expect(try prepare(plan()).isResumed)
  }

  @Test func `an entry that was cut is as if it had not been written`() throws {
    let first = try prepare(plan())
    let bytes = folder.read("s/journal")!
    var journal = try Journal.open(folder.file("s/journal"))
    try journal.append(.ended)
    let whole = folder.read("s/journal")!
    for length in bytes.count..<whole.count {
      folder.write("s/journal", Array(whole[..<length]))
      let resumed = try prepare(plan())
      #expect(resumed.isResumed && resumed.history.run == first.history.run, "cut at \(length)")
    }
  }

  @Test func `a plan that can't be read prevents it`() throws {
    _ = try prepare(plan())
    folder.write("s/plan.json", Array("{}".utf8))
    #expect(
      try changes(plan()) == ["its plan can't be read: another version of procession may have made it"])
    unlink(folder.file("s/plan.json"))
    #expect(try changes(plan()).count == 1)
    #expect(try !prepare(plan(), fresh: true).isResumed)
  }

  /// The steps of a beginning, from the last to the first: a death before any of them leaves what the steps
  /// before have written, and no run that could be gone on with.
  @Test func `a death in the middle of a beginning leaves a run that never began`() throws {
    for steps in 1...5 {
      let previous = try prepare(plan(), fresh: true)
      folder.write("out", Array("committed".utf8))
      if steps >= 1 { unlink(folder.file("s/journal")) }
      if steps >= 2 { unlink(folder.file("s/plan.json")) }
      if steps >= 3 { truncate(folder.file("s/slots/all.0/position"), 5) }
      if steps >= 4 { unlink(folder.file("s/slots/all.0/position")) }
      if steps >= 5 { rmdir(folder.file("s/slots/clean.2")) }
      let next = try prepare(plan())
      #expect(!next.isResumed && next.history.run != previous.history.run, "\(steps) steps")
      #expect(folder.read("out") == [], "\(steps) steps")
      #expect(try prepare(plan()).isResumed, "\(steps) steps")
    }
  }

  @Test func `what an earlier run has kept of its own is forgotten by the next`() throws {
    _ = try prepare(plan())
    folder.write("s/slots/read.0/position", [9])
    folder.write("s/slots/clean.0/position", [9])
    #expect(try prepare(plan()).isResumed)
    #expect(folder.read("s/slots/read.0/position") == [9])
    _ = try prepare(plan(), fresh: true)
    #expect(folder.read("s/slots/read.0/position") == nil)
    #expect(folder.read("s/slots/clean.0/position") == nil)
  }
}
