import Glibc

/// What the kernel says of a process: read from /proc without asking it.
package struct ProcessStatistics: Equatable, Sendable {
  package var parent: Int32
  package var group: Int32
  /// R, S, D, Z, T ...
  package var state: Character
  /// It is ending or has ended: its memory may be gone, its children not yet another's.
  package var isEnding: Bool
  package var threads: Int
  /// CPU time of all its threads, in nanoseconds, at the kernel's tick (10 ms).
  package var userNanoseconds: UInt64
  package var systemNanoseconds: UInt64
  package var residentBytes: Int

  /// Reads /proc/<pid>/stat. Any thread may call it. Throws `SystemCallError`; ENOENT or ESRCH when the process
  /// is gone.
  package init(of pid: Int32) throws(SystemCallError) {
    let path = "/proc/\(pid)/stat"
    let text = try textOfSystemFile(path)
    // The command's name stands in parentheses and may hold anything, parentheses and blanks too.
    guard let close = text.lastIndex(of: ")") else {
      throw SystemCallError("read", errno: EINVAL, subject: path)
    }
    let fields = text[text.index(after: close)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
    func number(_ place: Int) -> UInt64 { place < fields.count ? UInt64(fields[place]) ?? 0 : 0 }
    guard fields.count > 21 else { throw SystemCallError("read", errno: EINVAL, subject: path) }
    let tick = 1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    state = fields[0].first ?? "?"
    parent = Int32(number(1))
    group = Int32(number(2))
    let exiting: UInt64 = 0x4  // PF_EXITING
    isEnding = state == "Z" || state == "X" || number(6) & exiting != 0
    userNanoseconds = number(11) * tick
    systemNanoseconds = number(12) * tick
    threads = Int(number(17))
    residentBytes = Int(number(21)) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The memory that the process would give back by ending: its own pages, and its part of shared ones
  /// (`smaps_rollup`, Pss). Bytes. Costs the kernel a walk over its pages. Throws `SystemCallError`.
  package static func proportionalSetSize(of pid: Int32) throws(SystemCallError) -> Int {
    let path = "/proc/\(pid)/smaps_rollup"
    for line in try textOfSystemFile(path).split(separator: "\n") where line.hasPrefix("Pss:") {
      let words = line.split(separator: " ")
      if words.count > 1, let kibibytes = Int(words[1]) { return kibibytes * 1024 }
    }
    throw SystemCallError("read", errno: EINVAL, subject: path)
  }
}
