import Synchronization

/// The functions that were listed at the top of `main`, the same in all processes of the executable.
package enum RemoteFunctionTable {
  private struct State {
    var entries: [String: RemoteFunctionEntry] = [:]
    var duplicates: Set<String> = []
    var isBootstrapped = false
  }

  private static let state = Mutex(State())

  /// What a call came to, as bytes.
  package enum Outcome: Equatable, Sendable {
    /// The result: `RemoteFunction.decodeOutput` reads it.
    case value([UInt8])
    /// An encoded `RemoteFailure`.
    case failure([UInt8])
  }

  /// Makes functions known. Of two with one name none is: each start says so.
  static func register(_ entries: [RemoteFunctionEntry]) {
    state.withLock { state in
      state.isBootstrapped = true
      for entry in entries {
        if state.entries.updateValue(entry, forKey: entry.name) != nil { state.duplicates.insert(entry.name) }
      }
    }
  }

  /// `bootstrap` was called in this process.
  package static var isBootstrapped: Bool { state.withLock { $0.isBootstrapped } }

  /// All names, sorted.
  package static var names: [String] { state.withLock { $0.entries.keys.sorted() } }

  /// Whether a child finds a function of this name. Any thread may call it.
  package static func isKnown(_ name: String) -> Bool { entry(named: name) != nil }

  /// Nil for a name that nobody or two have. To be kept by whoever calls it often.
  package static func entry(named name: String) -> RemoteFunctionEntry? {
    state.withLock { $0.duplicates.contains(name) ? nil : $0.entries[name] }
  }

  /// Fails early for a function that a child of a process named `process` would not find. Throws `ProcessError`,
  /// which says how to mend it.
  package static func check(_ entry: RemoteFunctionEntry, for process: String) throws(ProcessError) {
    let state = state.withLock { $0 }
    guard state.isBootstrapped else { throw .notBootstrapped(function: entry.name, name: process) }
    if state.duplicates.contains(entry.name) { throw .duplicateFunction(entry.name, name: process) }
    guard let known = state.entries[entry.name] else {
      throw .unknownFunction(entry.name, name: process, known: state.entries.keys.sorted())
    }
    if known.signature != entry.signature {
      throw .differentFunction(
        entry.name, name: process, passed: entry.signature, listed: known.signature)
    }
  }

  /// Runs a function here and returns its result or its error, both as bytes. `worker` names this process in the
  /// error. Never throws; what a body does to the process (a crash) it does.
  package static func call(
    name: String, arguments: UnsafeRawBufferPointer, worker: String
  ) -> Outcome {
    guard let entry = entry(named: name) else {
      let error = RemoteError(
        typeName: "ProcessError", text: "no remote function '\(name)' is listed here", worker: worker)
      return .failure(RemoteFailure(error).encoded())
    }
    return call(entry, arguments: arguments, worker: worker)
  }

  /// The same for an entry that the caller has.
  package static func call(
    _ entry: RemoteFunctionEntry, arguments: UnsafeRawBufferPointer, worker: String
  ) -> Outcome {
    do { return .value(try entry.call(arguments)) } catch {
      return .failure(RemoteFailure(error, worker: worker).encoded())
    }
  }
}
