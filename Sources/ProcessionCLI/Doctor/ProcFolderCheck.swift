import POSIXKit

/// Whether /proc tells what a run asks it.
package struct ProcFolderFacts: Sendable {
  /// Threads of this process as /proc/self/task has them; nil where it can't be read.
  package var threads: Int?
  package var tellsStatistics: Bool
  package var tellsDescriptors: Bool
  /// `kernel.yama.ptrace_scope`; nil without Yama.
  package var ptraceScope: Int?

  package init(threads: Int?, tellsStatistics: Bool, tellsDescriptors: Bool, ptraceScope: Int?) {
    self.threads = threads
    self.tellsStatistics = tellsStatistics
    self.tellsDescriptors = tellsDescriptors
    self.ptraceScope = ptraceScope
  }

  static func probe(pid: Int32) -> ProcFolderFacts {
    let scope = try? textOfSystemFile("/proc/sys/kernel/yama/ptrace_scope")
    return ProcFolderFacts(
      threads: try? namesInFolder("/proc/self/task").count,
      tellsStatistics: (try? ProcessStatistics(of: pid)) != nil,
      tellsDescriptors: (try? namesInFolder("/proc/self/fdinfo")) != nil,
      ptraceScope: scope.flatMap { Int($0.split(separator: "\n").first ?? "") })
  }

  package var checks: [DoctorCheck] {
    [proc, debugging].compactMap { $0 }
  }

  private var proc: DoctorCheck {
    let name = "proc"
    guard let threads else {
      return .failure(
        name, "/proc/self/task can't be read: whether a fork is safe is not known", "mount /proc")
    }
    if threads != 1 {
      return .failure(
        name, "this process has \(threads) threads at its start; forking needs one",
        "look for a library that is preloaded (LD_PRELOAD) and starts threads")
    }
    if !tellsStatistics || !tellsDescriptors {
      return .warning(
        name, "/proc does not tell of processes: CPU, memory and who holds a lock are not shown",
        "mount /proc without subset=pid")
    }
    return .ok(name, "/proc tells what is asked of it; one thread at the start")
  }

  private var debugging: DoctorCheck? {
    guard let ptraceScope, ptraceScope > 0 else { return nil }
    return .ok(
      "debugger", "a debugger can't attach to a worker (kernel.yama.ptrace_scope = \(ptraceScope))",
      ptraceScope < 3 ? "use gdb as root where you need to" : "only a restart of the machine changes that")
  }
}
