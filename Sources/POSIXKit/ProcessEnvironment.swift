import CPOSIX

/// The environment of this process.
package enum ProcessEnvironment {
  /// Its entries as `NAME=value`, in the order in which they stand. Not while another thread changes it.
  package static var entries: [String] {
    var entries: [String] = []
    var next = cposix_environment()
    while let entry = next.pointee {
      entries.append(String(cString: entry))
      next = next.successor()
    }
    return entries
  }
}
