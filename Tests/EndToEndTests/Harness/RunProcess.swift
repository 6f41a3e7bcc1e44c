import Glibc
import POSIXKit
import TestSupport

/// A process of a run, found by the mark that the run's environment bears: forked, spawned or orphaned alike.
struct RunProcess: Hashable {
  let pid: Int32
  /// As the process calls itself: `clean.1`, `progress`, `procession`.
  let name: String

  /// All living processes whose environment holds the text.
  static func all(marked mark: String) -> [RunProcess] {
    let mark = Array(mark.utf8)
    let names = (try? namesInFolder("/proc")) ?? []
    return names.compactMap { Int32($0) }.sorted().compactMap { pid in
      guard let environment = FileBytes.read("/proc/\(pid)/environ"), environment.holds(mark),
        let name = FileBytes.read("/proc/\(pid)/comm")
      else { return nil }
      return RunProcess(pid: pid, name: String(decoding: name.dropLast(), as: UTF8.self))
    }
  }

  func kill() { _ = Glibc.kill(pid, SIGKILL) }
}
