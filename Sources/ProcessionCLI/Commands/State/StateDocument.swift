import Coordination
import POSIXKit
import Stages
import Worker

/// `procession.state/1`: what `state show --json` prints, and `state list --json` for each.
struct StateDocument: Encodable {
  struct Source: Encodable {
    let slot: String
    let batches_done: UInt64
    let complete: Bool
    let bytes_done, bytes: UInt64?
  }

  struct Keeper: Encodable {
    let slot: String
    let keys, batches_taken: UInt64?
    let batches_under_way: Int?
    let complete: Bool
  }

  struct Sink: Encodable {
    let slot: String
    let records, written_bytes: UInt64?
    let finished: Bool
  }

  let schema = "procession.state/1"
  let pipeline, folder, standing: String
  let in_use: Bool
  let run, began: String?
  let resumptions: Int
  let sources: [Source]
  let states: [Keeper]
  let sinks: [Sink]
  let dead_letters, replaying_letters, replayed_letters: Int
  let replay_unfinished: Bool
  /// In `show` only: what the journal says, in words.
  var journal: [String]?
  /// In `show` only: whether the file keeps the state, and what has changed.
  var keeps: Bool?
  var changes: [String]?

  init(_ report: StateReport) {
    let history = report.reading.history
    pipeline = report.name
    folder = report.reading.folder
    standing = report.standing
    in_use = report.isInUse
    run = history.map { String($0.run, radix: 16) }
    began = history.map { WallClock.text($0.beganAt) }
    resumptions = history?.resumptions ?? 0
    sources = report.sources.map {
      Source(
        slot: $0.slot, batches_done: $0.batches, complete: $0.isComplete, bytes_done: $0.bytes?.done,
        bytes: $0.bytes?.all)
    }
    sinks = report.sinks.map {
      Sink(
        slot: $0.slot, records: $0.written?.records, written_bytes: $0.written?.bytes, finished: $0.isFinished
      )
    }
    states = report.keepers.map {
      Keeper(
        slot: $0.slot, keys: $0.known?.keys, batches_taken: $0.known?.taken,
        batches_under_way: $0.known?.underWay, complete: $0.isComplete)
    }
    dead_letters = report.count(.dead)
    replaying_letters = report.count(.replaying)
    replayed_letters = report.count(.replayed)
    replay_unfinished = report.reading.replay != nil
  }
}

/// `procession.states/1`: what `state list --json` prints.
struct StatesDocument: Encodable {
  let schema = "procession.states/1"
  let folder: String
  let states: [StateDocument]
}
