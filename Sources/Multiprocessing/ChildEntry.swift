import CPOSIX
import Glibc
import POSIXKit

/// The last steps in a child that has its descriptors, signals and group: its context, then its own code.
enum ChildEntry {
  /// Exit codes of children that never reached their entry function; the reason is on standard error. 125
  /// and 126 come from CPOSIX.
  static let notReached: Int32 = 124

  static func run(_ record: BootstrapRecord, preloaded: AnyObject?) -> Never {
    AdoptedProcesses.disownAll()
    cposix_set_owner(record.owner)
    if record.ignoresInterrupt { _ = cposix_ignore_signal(SIGINT) }
    guard let entry = ProcessTargets.entry(named: record.target) else {
      fail("no process target '\(record.target)' is registered in '\(record.name)'")
    }
    let control: ControlChannel
    do {
      control = try ControlChannel(Descriptor(owning: BootstrapRecord.controlNumber))
    } catch { fail("\(error)") }
    let first = BootstrapRecord.firstPassedNumber
    var context = ChildContext(
      name: record.name, method: record.method, payload: record.payload, control: control,
      descriptors: (0..<Int32(record.descriptorCount)).map { first + $0 }, preloaded: preloaded)
    cposix_exit_child(entry(&context))
  }

  /// Tells why on standard error, which the parent captures.
  static func fail(_ text: String) -> Never {
    try? Descriptor.standardError { (stream) throws(SystemCallError) in
      try stream.writeAll(Array("child setup failed: \(text)\n".utf8))
    }
    cposix_exit_child(notReached)
  }
}

extension Descriptor {
  /// Lends descriptor 2, which stays open.
  fileprivate static func standardError(
    _ body: (borrowing Descriptor) throws(SystemCallError) -> Void
  ) throws(SystemCallError) {
    let stream = Descriptor(owning: 2)
    do { try body(stream) } catch {
      _ = stream.release()
      throw error
    }
    _ = stream.release()
  }
}
