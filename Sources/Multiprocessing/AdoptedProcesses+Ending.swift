import Glibc
import POSIXKit

extension AdoptedProcesses {
  /// Kills and reaps what an ended program has left behind: the children of this process that no
  /// `StartedProcess` owns and whose environment holds `mark` (`NAME=value`), and in turn those that these leave.
  ///
  /// A mark in the environment is inherited by all descendants that do not take it out, whatever group or
  /// session they made for themselves. For a subreaper (`becomeSubreaper`), after `ChildFact.exited`. Waits
  /// until they are gone or the deadline (of `MonotonicClock`) has come. Returns how many were ended. Throws
  /// `SystemCallError`.
  @discardableResult
  package static func endStrays(marked mark: String, until deadline: UInt64) throws(SystemCallError) -> Int {
    var count = 0
    while true {
      // Most programs leave nothing: then the kernel often knows of no child at all.
      if case .notOurs = try ExitObservation.look(at: .anyChild, reap: false) { return count }
      let strays = try unownedChildren(marked: Array(mark.utf8))
      if strays.isEmpty { return count }
      for pid in strays {
        // A child of ours keeps its number until we reap it.
        kill(pid, SIGKILL)
        guard let ended = try? ProcessWatch(pid).waitForEnd(until: deadline), ended else { return count }
        _ = try ExitObservation.look(at: .pid(pid), reap: true)
        count += 1
      }
    }
  }

  private static func unownedChildren(marked mark: [UInt8]) throws(SystemCallError) -> [Int32] {
    let own = getpid()
    var found: [Int32] = []
    for name in try namesInFolder("/proc") {
      guard let pid = Int32(name), let known = try? ProcessStatistics(of: pid), known.parent == own,
        !isOwned(pid), hasMark(mark, pid)
      else { continue }
      found.append(pid)
    }
    return found
  }

  private static func hasMark(_ mark: [UInt8], _ pid: Int32) -> Bool {
    guard let file = try? Descriptor.open("/proc/\(pid)/environ"), let bytes = try? file.readAll() else {
      return false
    }
    return bytes.split(separator: 0).contains { $0.elementsEqual(mark) }
  }
}
