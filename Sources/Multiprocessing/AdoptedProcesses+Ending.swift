import CPOSIX
import Glibc
import POSIXKit

extension AdoptedProcesses {
  /// The environment variable that external programs bear, and with them all that they start.
  package static let markName = "PROCESSION_PROGRAM"

  /// How the marks of all programs begin that this process started; a number may follow.
  package static func mark(ofProgramsBy pid: Int32) -> String { "\(markName)=\(pid)." }

  /// Has the orphan guard of this process (a subreaper) end all of its descendants, whatever group or session
  /// they made for themselves, before it ends the process.
  package static func endDescendantsOfOrphan() { cposix_end_descendants_of_orphan() }

  /// Kills and reaps what ended programs have left behind: the children of this process that no
  /// `StartedProcess` owns and that have an entry in their environment that begins with `mark`, and in turn
  /// those that these leave.
  ///
  /// A mark in the environment is inherited by all descendants that do not take it out, whatever group or
  /// session they made for themselves. For a subreaper (`becomeSubreaper`), after `ChildFact.exited`. Waits
  /// until they are gone or the deadline (of `MonotonicClock`) has come. Returns how many were ended. Throws
  /// `SystemCallError`.
  @discardableResult
  package static func endStrays(marked mark: String, until deadline: UInt64) throws(SystemCallError) -> Int {
    let mark = Array(mark.utf8)
    var count = 0
    var ended: Set<Int32> = []
    while true {
      // Most programs leave nothing: then the kernel often knows of no child at all.
      if case .notOurs = try ExitObservation.look(at: .anyChild, reap: false) { return count }
      let others = try children().filter { !isOwned($0) && !ended.contains($0) }
      let strays = others.filter { hasMark(mark, $0) }
      // What is ending shows its environment no more, and may still have its children. Asked in this order, none
      // slips through.
      let ending = others.filter { pid in
        !strays.contains(pid) && (try? ProcessStatistics(of: pid))?.isEnding ?? false
      }
      if strays.isEmpty && ending.isEmpty { return count }
      for pid in ending {
        if let isOver = try? ProcessWatch(pid).waitForEnd(until: deadline), !isOver { return count }
        ended.insert(pid)
      }
      for pid in strays {
        // A child of ours keeps its number until we reap it.
        kill(pid, SIGKILL)
        guard let ended = try? ProcessWatch(pid).waitForEnd(until: deadline), ended else { return count }
        _ = try ExitObservation.look(at: .pid(pid), reap: true)
        count += 1
      }
    }
  }

  /// The children of this process. The kernel lists them by the thread that they belong to; one that was built
  /// without that list is asked about every process.
  private static func children() throws(SystemCallError) -> [Int32] {
    let threads = (try? namesInFolder("/proc/self/task")) ?? []
    let lists = threads.compactMap { try? textOfSystemFile("/proc/self/task/\($0)/children") }
    if !lists.isEmpty { return lists.flatMap { $0.split(separator: " ").compactMap { Int32($0) } } }
    let own = getpid()
    return try namesInFolder("/proc").compactMap { Int32($0) }.filter { pid in
      (try? ProcessStatistics(of: pid))?.parent == own
    }
  }

  private static func hasMark(_ mark: [UInt8], _ pid: Int32) -> Bool {
    guard let file = try? Descriptor.open("/proc/\(pid)/environ"), let bytes = try? file.readAll() else {
      return false
    }
    return bytes.split(separator: 0).contains { $0.starts(with: mark) }
  }
}
