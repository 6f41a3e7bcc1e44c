import Glibc
import POSIXKit
import Testing

struct FileLockTests {
  @Test func `a second taker learns who holds the lock`() throws {
    let path = "/tmp/procession-lock-\(getpid())"
    defer { unlink(path) }
    guard case .taken(let lock) = try FileLock.acquire(path) else {
      Issue.record("not taken")
      return
    }
    switch try FileLock.acquire(path, until: MonotonicClock.deadline(after: .milliseconds(15))) {
    case .taken: Issue.record("taken twice")
    case .held(let holders): #expect(holders == [getpid()])
    }
    // The lock belongs to the open description: it lasts while a duplicate is open.
    let duplicate = try lock.descriptor.duplicate()
    _ = consume lock
    if case .taken = try FileLock.acquire(path) { Issue.record("fell too early") }
    _ = consume duplicate
    if case .held = try FileLock.acquire(path) { Issue.record("did not fall") }
  }
}
