import Coordination
import Glibc
import Delivery
import PipelineFile
import Stages
import TestSupport
import Testing
import Worker

struct RunStateTests {
  private let folder = TemporaryFolder()
  private var plan: Plan { Plans.diamond(output: folder.file("out")) }

  private func refusal(_ name: String) -> RunStateError? {
    do {
      let state = try RunState.open(folder.file(name))
      state.removeSockets()
      return nil
    } catch {
      return error
    }
  }

  @Test func `a run's folder has its files, and its sockets a folder that nobody else enters`() throws {
    let state = try RunState.open(folder.file("a/b"))
    #expect(folder.text("a/b/format") == "1\n")
    #expect(folder.text("a/b/run") == state.socketFolder)
    #expect(folder.permissions(state.socketFolder) == 0o700)
    state.removeSockets()
    #expect(folder.permissions(state.socketFolder) == nil)
    #expect(folder.read("a/b/run") == nil)
  }

  @Test func `a second run is refused and told who has the state`() throws {
    let first = try RunState.open(folder.file("s"))
    let error = refusal("s")
    guard case .inUse(let name, let pids) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(name == folder.file("s") && pids == [getpid()])
    #expect("\(RunStateError.inUse(folder: name, pids: pids))".contains("(pid \(getpid()))"))
    first.removeSockets()
  }

  @Test func `a run goes on after the one before, and removes its sockets`() throws {
    let first = try RunState.open(folder.file("s"))
    let stale = first.socketFolder
    close(open("\(stale)/0.0.1", O_CREAT | O_WRONLY, 0o600))
    _ = consume first
    let second = try RunState.open(folder.file("s"))
    #expect(second.socketFolder != stale)
    #expect(folder.permissions(stale) == nil)
    second.removeSockets()
  }

  @Test func `a foreign folder named as the sockets' is left alone`() throws {
    mkdir(folder.file("s"), 0o755)
    mkdir(folder.file("precious"), 0o755)
    folder.write("precious/data", [1])
    folder.write("s/run", Array(folder.file("precious").utf8))
    let state = try RunState.open(folder.file("s"))
    #expect(folder.read("precious/data") == [1])
    state.removeSockets()
  }

  @Test func `a state of another version is refused and left as it is`() throws {
    mkdir(folder.file("s"), 0o755)
    folder.write("s/format", Array("2\n".utf8))
    #expect(
      refusal("s")?.description
        == "the state in \(folder.file("s")) has format 2, and this version knows format 1; move it away")
    #expect(folder.text("s/format") == "2\n")
    #expect(folder.read("s/plan.json") == nil)
  }

  @Test func `a state that can't be made says so`() {
    folder.write("s", [1])
    let expected = "the state in \(folder.file("s/t")) can't be used: "
    #expect(refusal("s/t")?.description.hasPrefix(expected) == true)
  }

  private func prepare(_ state: borrowing RunState, fresh: Bool = false) throws -> PreparedRun {
    try state.prepare(plan, fresh: fresh, standardOutput: 1)
  }

  @Test func `every slot has a folder, and a sink its first checkpoint`() throws {
    let state = try RunState.open(folder.file("s"))
    let prepared = try prepare(state)
    #expect(prepared.plan == plan && !prepared.isResumed)
    #expect(try Plan(canonicalJSON: folder.read("s/plan.json")!) == plan)
    for slot in ["all.0", "read.0", "clean.0", "clean.1", "clean.2"] {
      #expect(folder.permissions("s/slots/\(slot)") != nil)
    }
    var checkpoint = try CheckpointFile(path: folder.file("s/slots/all.0/position"))
    let stored = try SinkCheckpoint(decoding: checkpoint.load()!)
    #expect(stored.position == nil && !stored.state.isEmpty)
    #expect(folder.read("s/slots/read.0/position") == nil)
    #expect(folder.read("out") == [])
    state.removeSockets()
  }

  @Test func `a run that was begun is gone on with, unless it is to start over`() throws {
    let state = try RunState.open(folder.file("s"))
    let first = try prepare(state)
    folder.write("s/slots/read.0/position", [1])
    folder.write("out", [65])
    let second = try prepare(state)
    #expect(second.isResumed && second.history.run == first.history.run)
    #expect(folder.read("s/slots/read.0/position") == [1])
    #expect(folder.read("out") == [65])
    let third = try prepare(state, fresh: true)
    #expect(!third.isResumed && third.history.run != first.history.run)
    #expect(folder.read("s/slots/read.0/position") == nil)
    #expect(folder.read("out") == [])
    state.removeSockets()
  }

  @Test func `a run that has ended is not gone on with`() throws {
    let state = try RunState.open(folder.file("s"))
    let first = try prepare(state)
    var journal = try state.openJournal(of: first)
    try journal.append(.ended)
    let second = try prepare(state)
    #expect(!second.isResumed && second.history.run != first.history.run)
    state.removeSockets()
  }

  @Test func `an output that somebody else wrote is refused`() throws {
    folder.write("out", Array("precious\n".utf8))
    let state = try RunState.open(folder.file("s"))
    do {
      _ = try prepare(state)
      Issue.record("taken")
    } catch let error as StageFailure {
      #expect(error.description.contains("out exists and was not written by this pipeline"))
    }
    #expect(folder.text("out") == "precious\n")
    state.removeSockets()
  }
}
