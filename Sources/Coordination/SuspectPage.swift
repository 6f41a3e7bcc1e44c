import Delivery
import Glibc
import Synchronization

/// What the workers of one stage must know of batches that ended their workers, in shared memory.
///
/// Written by the supervisor before it announces a death, read by a worker when it starts on a batch: a
/// control message could come after the batch (protocol rule 17). A version number, odd while the page is
/// written, tells readers to look again.
package struct SuspectPage: @unchecked Sendable {
  /// Bytes per page; one page for each stage. Untouched pages of it cost nothing.
  package static let size = 64 << 10
  /// The most entries: one for each batch that is worked on record by record, one for each condemned record.
  package static let capacity = (size - headerSize) / entrySize

  private static let headerSize = 32
  private static let entrySize = 32
  private static let wholeBatch = UInt64.max

  private let base: UnsafeMutableRawPointer

  /// The memory must stay mapped for as long as the page is used, 8-byte aligned, zeroed at first.
  package init(base: UnsafeMutableRawPointer) { self.base = base }

  /// Replaces what the page says. False, and nothing is changed, if it has no room for that.
  package func write(_ suspects: [Suspects.Suspect]) -> Bool {
    let count = suspects.reduce(0) { $0 + 1 + $1.condemned.count }
    if count > Self.capacity { return false }
    version.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing)
    var entry = 0
    for suspect in suspects {
      for record in [Self.wholeBatch] + suspect.condemned.map(UInt64.init) {
        set(entry, 0, UInt64(suspect.batch.origin.stage) << 16 | UInt64(suspect.batch.origin.index))
        set(entry, 1, suspect.batch.sequence)
        set(entry, 2, suspect.batch.branch.rawValue)
        set(entry, 3, record)
        entry += 1
      }
    }
    word(1).pointee.store(UInt64(count), ordering: .relaxed)
    version.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing)
    return true
  }

  /// What is known of a batch: nil if it is to be worked on as a whole, else the indices of the records to
  /// leave out, ascending.
  package func condemned(in batch: BatchID) -> [UInt32]? {
    // A supervisor that dies while it writes leaves an odd version; its workers end soon after.
    for _ in 0..<1_000_000 {
      let before = version.pointee.load(ordering: .acquiring)
      if before == 0 { return nil }
      if before % 2 == 1 {
        sched_yield()
        continue
      }
      let found = find(batch)
      atomicMemoryFence(ordering: .acquiring)
      if version.pointee.load(ordering: .relaxed) == before { return found }
    }
    return nil
  }

  private func find(_ batch: BatchID) -> [UInt32]? {
    var found: [UInt32]?
    let count = min(Int(word(1).pointee.load(ordering: .relaxed)), Self.capacity)
    let origin = UInt64(batch.origin.stage) << 16 | UInt64(batch.origin.index)
    for entry in 0..<count
    where get(entry, 1) == batch.sequence && get(entry, 0) == origin
      && get(entry, 2) == batch.branch.rawValue
    {
      let record = get(entry, 3)
      if found == nil { found = [] }
      if record != Self.wholeBatch { found!.append(UInt32(truncatingIfNeeded: record)) }
    }
    return found
  }

  private var version: UnsafeMutablePointer<Atomic<UInt64>> { word(0) }

  private func set(_ entry: Int, _ field: Int, _ value: UInt64) {
    word(4 + entry * 4 + field).pointee.store(value, ordering: .relaxed)
  }

  private func get(_ entry: Int, _ field: Int) -> UInt64 {
    word(4 + entry * 4 + field).pointee.load(ordering: .relaxed)
  }

  private func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (base + index * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}
