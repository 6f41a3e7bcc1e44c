import Glibc
import Multiprocessing
import POSIXKit

/// What the kernel can do, and who it is.
package struct KernelFacts: Sendable {
  /// As `uname -r` prints it.
  package var release: String
  /// What does not work, each with the system's words.
  package var missing: [(feature: String, why: String)]

  package init(release: String, missing: [(feature: String, why: String)]) {
    self.release = release
    self.missing = missing
  }

  static func probe() -> KernelFacts {
    var missing: [(feature: String, why: String)] = []
    func attempt(_ feature: String, _ body: () throws -> Void) {
      do { try body() } catch { missing.append((feature, "\(error)")) }
    }
    attempt("memfd_create") { _ = try SharedMemory(size: 4096, name: "procession-doctor") }
    attempt("pidfd_open") { _ = try ProcessWatch(getpid()).signal(0) }
    attempt("signalfd") { _ = try SignalDescriptor([SIGUSR2]).read() }
    attempt("PR_SET_CHILD_SUBREAPER") { try AdoptedProcesses.becomeSubreaper() }
    return KernelFacts(
      release: (try? textOfSystemFile("/proc/sys/kernel/osrelease"))?.split(separator: "\n").first
        .map(String.init) ?? "", missing: missing)
  }

  package var checks: [DoctorCheck] { [version, features] }

  /// `waitid` takes a pidfd from 5.4 on.
  private var version: DoctorCheck {
    let numbers = release.split { $0 != "." && !$0.isNumber }.first?.split(separator: ".").compactMap {
      Int($0)
    }
    guard let numbers, numbers.count >= 2 else {
      return .warning("kernel", "the kernel's version is not known ('\(release)')", "mount /proc")
    }
    return numbers.lexicographicallyPrecedes([5, 4])
      ? .failure("kernel", "Linux \(release)", "Linux 5.4 or later is needed")
      : .ok("kernel", "Linux \(release)")
  }

  private var features: DoctorCheck {
    if missing.isEmpty {
      return .ok("kernel-features", "memfd_create, pidfd_open, signalfd and subreapers work")
    }
    return .failure(
      "kernel-features", missing.map { "\($0.feature): \($0.why)" }.joined(separator: "; "),
      "allow them in the sandbox's seccomp profile, or use a later kernel")
  }
}
