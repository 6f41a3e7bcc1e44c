import Multiprocessing
import Synchronization

/// The functions that this process's pools were given, besides those of `bootstrap`.
///
/// A nursery is forked right after its pool's functions stand here, so each worker finds those of its own pool.
enum PoolFunctions {
  private static let given = Mutex<[String: RemoteFunctionEntry]>([:])

  /// Replaces what stood here.
  static func give(_ entries: [RemoteFunctionEntry]) {
    given.withLock { $0 = Dictionary(entries.map { ($0.name, $0) }) { $1 } }
  }

  /// Nil where a worker of this process would not know it.
  static func entry(named name: String) -> RemoteFunctionEntry? {
    given.withLock { $0[name] } ?? RemoteFunctionTable.entry(named: name)
  }
}

/// Finds functions for one worker: the one that was called last is at hand.
struct FunctionFinder {
  private var name: [UInt8] = []
  private var entry: RemoteFunctionEntry?

  mutating func find(_ wanted: UnsafeRawBufferPointer) -> RemoteFunctionEntry? {
    if entry != nil, name.count == wanted.count, name.elementsEqual(wanted) { return entry }
    name = Array(wanted)
    entry = PoolFunctions.entry(named: String(decoding: wanted, as: UTF8.self))
    return entry
  }
}
