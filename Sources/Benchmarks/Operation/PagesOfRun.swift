import Coordination
import Foundation
import POSIXKit

/// The statistics pages of a run, read in its supervisor's shared memory without asking it.
struct PagesOfRun {
  private let base: UnsafeMutableRawPointer
  let count: Int

  /// Nil until the supervisor has made its memory.
  init?(supervisor pid: pid_t) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? [] {
      let link = "/proc/\(pid)/fd/\(name)"
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
        target.hasPrefix("/memfd:procession ")
      else { continue }
      let file = open(link, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      defer { close(file) }
      var status = stat()
      guard fstat(file, &status) == 0, status.st_size > 0,
        let memory = mmap(nil, Int(status.st_size), PROT_READ, MAP_SHARED, file, 0), memory != MAP_FAILED
      else { return nil }
      base = memory
      count = Int(status.st_size) / StatisticsPage.size
      return
    }
    return nil
  }

  /// Workers that are ready. A stage that can be scaled has pages that nobody uses.
  var countOfRunning: Int {
    (0..<count).count { position in
      self[position][.state] == StatisticsPage.State.running.rawValue && self[position][.processID] != 0
    }
  }

  /// The page of the slot at a position in plan order.
  subscript(position: Int) -> StatisticsPage {
    StatisticsPage(base: base + position * StatisticsPage.size)
  }
}
