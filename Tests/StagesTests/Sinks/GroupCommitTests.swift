import Stages
import Testing

struct GroupCommitTests {
  private let millisecond: UInt64 = 1_000_000

  @Test func `nothing is committed before something is written, however urgent`() {
    #expect(GroupCommit().decision(at: 5, isUrgent: true) == .nothing)
  }

  @Test func `a group waits for more until its time is over`() {
    var group = GroupCommit()
    group.wrote(10, at: 100 * millisecond)
    #expect(group.decision(at: 100 * millisecond, isUrgent: false) == .wait(until: 125 * millisecond))
    group.wrote(10, at: 120 * millisecond)
    #expect(group.decision(at: 125 * millisecond - 1, isUrgent: false) == .wait(until: 125 * millisecond))
    #expect(group.decision(at: 125 * millisecond, isUrgent: false) == .commit)
  }

  @Test func `a group that is large or urgent does not wait`() {
    var group = GroupCommit()
    group.wrote((8 << 20) - 1, at: 0)
    #expect(group.decision(at: 1, isUrgent: false) == .wait(until: 25 * millisecond))
    #expect(group.decision(at: 1, isUrgent: true) == .commit)
    group.wrote(1, at: 1)
    #expect(group.decision(at: 1, isUrgent: false) == .commit)
  }

  @Test func `after a commit the next write starts anew`() {
    var group = GroupCommit(longest: 7, most: 100)
    group.wrote(99, at: 1)
    group.committed()
    #expect(group.decision(at: 1_000, isUrgent: true) == .nothing)
    group.wrote(1, at: 1_000)
    #expect(group.decision(at: 1_000, isUrgent: false) == .wait(until: 1_007))
  }

  @Test func `a write of nothing is committed too`() {
    var group = GroupCommit()
    group.wrote(0, at: 3)
    #expect(group.decision(at: 3, isUrgent: true) == .commit)
  }

  @Test func `the end of time does not trap`() {
    var group = GroupCommit()
    group.wrote(1, at: .max)
    #expect(group.decision(at: .max, isUrgent: false) == .wait(until: .max))
  }
}
