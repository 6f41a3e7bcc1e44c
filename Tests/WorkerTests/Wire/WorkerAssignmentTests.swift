import Coordination
import Delivery
import Testing
import Worker

struct WorkerAssignmentTests {
  private let assignment = WorkerAssignment(
    worker: Incarnation(slot: SlotID(stage: 4, index: 1), epoch: 3), run: .max - 5, socketFolder: "/tmp/p-x",
    controlSocket: "/tmp/p-x/control",
    stateFolder: "/somewhere/ä ö/.procession/p", runFolder: "/somewhere/ä ö/.procession/p/replay",
    faults: "clean.1:after-send:3", plan: Array("{}".utf8))

  @Test func `an assignment comes back`() throws {
    #expect(try WorkerAssignment(decoding: assignment.encoded()) == assignment)
  }

  @Test func `an assignment that is cut anywhere is an error`() {
    let whole = assignment.encoded()
    for length in 0..<whole.count {
      #expect(throws: ByteCodingError.self) { try WorkerAssignment(decoding: Array(whole[..<length])) }
    }
  }

  @Test func `an inbox is named by stage, slot and epoch`() {
    #expect(WorkerAssignment.socketPath(of: assignment.worker, in: "/run/p") == "/run/p/4.1.3")
    // A socket's path has 107 bytes at most, and the state promises the names 22 of them.
    let longest = Incarnation(slot: SlotID(stage: .max, index: .max), epoch: .max)
    #expect(WorkerAssignment.socketPath(of: longest, in: "").utf8.count <= 23)
  }
}
