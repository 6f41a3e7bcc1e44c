import CPOSIX
import Glibc
import POSIXKit
import Synchronization

/// The functions that children may run, by name.
///
/// A function can't be sent to another process, but its name can: the same executable registers the same
/// functions at the top of its `main`, then calls `bootstrap`, which takes over where this process was
/// started as a child (the place of Python's `freeze_support`).
package enum ProcessTargets {
  /// A child's own code. What it returns is the exit status (its low eight bits).
  package typealias Entry = @Sendable (inout ChildContext) -> Int32

  /// Loads what a fork server's children share. Its error is reported with its text.
  package typealias Preload = @Sendable (_ payload: [UInt8]) throws -> AnyObject

  private static let entries = Mutex<[String: Entry]>([:])
  private static let preloads = Mutex<[String: Preload]>([:])

  /// Makes a function known. A second one of the same name replaces it.
  package static func register(_ name: String, _ entry: @escaping Entry) {
    entries.withLock { $0[name] = entry }
  }

  /// Makes a preload known, to be named by `ForkServer.Preload`.
  package static func registerPreload(_ name: String, _ preload: @escaping Preload) {
    preloads.withLock { $0[name] = preload }
  }

  /// To be called in `main` right after the registrations, before anything else. Returns where this process
  /// is not a child; never returns where it is.
  package static func bootstrap(arguments: [String]) {
    cposix_register_linked()
    guard arguments.count >= 5, arguments[1] == bootstrapWord else { return }
    guard let number = Int32(arguments[2]), number >= BootstrapRecord.firstPassedNumber,
      let parent = Int32(arguments[3])
    else { ChildEntry.fail("bad bootstrap arguments") }
    guard cposix_guard_orphan(parent, getpid() == getpgrp() ? 1 : 0) == 0 else {
      ChildEntry.fail("\(SystemCallError.last("prctl(PR_SET_PDEATHSIG)"))")
    }
    _ = cposix_set_name(arguments[4])
    do {
      let file = Descriptor(owning: number)
      for passed in BootstrapRecord.controlNumber..<number {
        guard cposix_set_close_on_exec(passed, 1) == 0 else {
          throw SystemCallError.last("fcntl(F_SETFD)", "descriptor \(passed)")
        }
      }
      guard let record = try BootstrapRecord(memoryFile: file) else {
        ChildEntry.fail("bad bootstrap record")
      }
      _ = consume file
      ChildEntry.run(record, preloaded: nil)
    } catch { ChildEntry.fail("\(error)") }
  }

  static let bootstrapWord = "__procession-child"

  static func arguments(program: String, bootstrapNumber: Int32, parent: Int32, name: String) -> [String] {
    [program, bootstrapWord, "\(bootstrapNumber)", "\(parent)", name]
  }

  static func entry(named name: String) -> Entry? {
    if name == ForkServerMain.target { return { ForkServerMain.run(&$0) } }
    if name == LibraryChild.target { return { LibraryChild.run(&$0) } }
    return entries.withLock { $0[name] }
  }

  static func preload(named name: String) -> Preload? {
    if name == LibraryPreload.target { return { @Sendable in try LibraryPreload.run($0) } }
    return preloads.withLock { $0[name] }
  }

  /// Fails early for a name that no child would know.
  static func check(_ request: StartRequest) throws(StartError) {
    if entry(named: request.target) != nil { return }
    let known = entries.withLock { $0.keys.sorted() }
    throw .unknownTarget(request.target, name: request.name, known: known)
  }
}
