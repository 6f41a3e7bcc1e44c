import Synchronization

/// One worker's page of shared memory: counters, the batch in hand, and what the supervisor notes of it.
///
/// Written by the worker and the supervisor, read by whoever draws progress, without asking; after a crash
/// it still tells what the worker was doing. Every field is one 64-bit atomic word with a single writer, so
/// a reader may see fields of different moments but never half a number. Counters count what was done,
/// replays included; the exact counts of a run travel with `done` (see `Tally`).
package struct StatisticsPage: @unchecked Sendable {
  /// Bytes per page; one page for each slot.
  package static let size = 4096

  package enum Field: Int, CaseIterable, Sendable {
    case epoch, recordsIn, recordsOut, bytesIn, bytesOut, batches
    /// Records that became dead letters.
    case recordsDead
    /// Nanoseconds spent on batches, as opposed to waiting.
    case busyNanoseconds
    /// A source's input: bytes that are done, and all there are (0 if unknown).
    case inputDone, inputSize
    /// 1 while a batch is in hand; the four below tell which.
    case hasBatch, batchOrigin, batchSequence, batchBranch
    /// First line of the batch in its file, and the file: the stage that read it in the upper half, its index in
    /// that stage's list in the lower.
    case batchLine, batchFile
    /// Where records are worked on one by one: the index of the one in hand, plus 1.
    case batchRecord
    /// The line of that record in its file.
    case batchRecordLine
    /// When the work in hand began, as monotonic nanoseconds.
    case batchSince
    /// A source's low-water mark as it is stored, and the one that it began this run with.
    case lowWater, firstLowWater
    /// How long an output that can't be truncated is to be after the write in progress.
    case intendedOutput
    /// Written by the supervisor.
    case state, processID, restarts
    /// On the page of a stage's first slot: the stage's fork server, 0 without one.
    case serverID
    /// Written by whoever kills on purpose, before: this epoch's death is nobody's fault.
    case excusedEpoch
    /// Of a source: the next batch that it will cut, and when the oldest that is in flight became that, as
    /// monotonic nanoseconds.
    case nextSequence, oldestSince
    /// Batches that have come and are not begun; of a source, those that it has in flight.
    case queueLength
    /// Nanoseconds spent waiting for something to come, and for somebody below to take something.
    case inputWaitNanoseconds, outputWaitNanoseconds
    /// When the wait in progress began, as monotonic nanoseconds, or 0; and 1 where it is for output.
    case waitSince, waitsForOutput
  }

  package enum State: UInt64, Sendable {
    case waiting, starting, running, backoff, over, failed
    /// Finishes what it has, gets nothing new.
    case retiring
    /// Died too often, and is left alone.
    case parked
    /// Its stage has no use for it now.
    case unwanted
  }

  private let base: UnsafeMutableRawPointer

  /// The memory must stay mapped for as long as the page is used, 8-byte aligned, zeroed at first.
  package init(base: UnsafeMutableRawPointer) { self.base = base }

  package subscript(field: Field) -> UInt64 {
    get { word(field).pointee.load(ordering: .relaxed) }
    nonmutating set { word(field).pointee.store(newValue, ordering: .relaxed) }
  }

  package func add(_ amount: UInt64, to field: Field) {
    word(field).pointee.wrappingAdd(amount, ordering: .relaxed)
  }

  private func word(_ field: Field) -> UnsafeMutablePointer<Atomic<UInt64>> {
    (base + field.rawValue * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
  }
}
