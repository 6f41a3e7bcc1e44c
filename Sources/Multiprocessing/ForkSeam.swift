import CPOSIX
import Glibc
import POSIXKit

/// Swift's side of `cposix_fork`.
enum ForkSeam {
  private final class Body {
    let run: () -> Never
    init(_ run: @escaping () -> Never) { self.run = run }
  }

  /// Forks; the child, all arranged, runs `body`. `group` 0 is one of its own. The check for a single thread
  /// is the caller's. The child keeps the caller's other descriptors where `keepsOthers` is set. Returns the child's
  /// pid. Throws `SystemCallError`.
  static func fork(
    name: String, group: Int32, descriptors: [Int32], keepsOthers: Bool = false, _ body: @escaping () -> Never
  ) throws(SystemCallError) -> Int32 {
    let box = Unmanaged.passRetained(Body(body))
    defer { box.release() }
    let pid = descriptors.withUnsafeBufferPointer { numbers in
      name.withCString { text in
        var plan = cposix_child_plan(
          group: group, descriptors: numbers.baseAddress!, descriptor_count: Int32(numbers.count),
          keeps_others: keepsOthers ? 1 : 0, name: text)
        return cposix_fork(
          &plan, { Unmanaged<Body>.fromOpaque($0!).takeUnretainedValue().run() }, box.toOpaque())
      }
    }
    guard pid > 0 else { throw .last("fork", name) }
    return pid
  }
}
