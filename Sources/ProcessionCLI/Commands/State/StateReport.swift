import Coordination
import POSIXKit
import PipelineFile
import Stages
import Worker

/// What there is to tell of a pipeline's state.
struct StateReport {
  struct Source {
    let slot: String
    /// Batches that are done, from the first.
    let batches: UInt64
    let isComplete: Bool
    /// Bytes of its input that are done, and all; nil where that is not known.
    let bytes: (done: UInt64, all: UInt64)?
  }

  struct Sink {
    let slot: String
    /// Nil where that is not known.
    let written: (records: UInt64, bytes: UInt64)?
    let isFinished: Bool
  }

  struct Keeper {
    let slot: String
    /// Nil where it has not begun, or can't be read.
    let known: (keys: UInt64, taken: UInt64, underWay: Int)?
    let isComplete: Bool
  }

  let reading: StateReading
  let name: String
  let isInUse: Bool
  let sources: [Source]
  let sinks: [Sink]
  /// The workers of stages with state.
  let keepers: [Keeper]
  /// Nil where they can't be read.
  let letters: [StoredLetter.State: Int]?

  /// `name` is used where the plan can't be read.
  init(_ folder: String, name: String) {
    let reading = StateReading(folder)
    self.reading = reading
    self.name = reading.plan?.name ?? name
    isInUse = reading.isInUse
    var sources: [Source] = []
    var sinks: [Sink] = []
    var keepers: [Keeper] = []
    if let plan = reading.plan, let history = reading.history {
      let complete = history.complete.map { plan.name(of: $0.slot) }
      let finished = history.finished.map { plan.name(of: $0.slot) }
      for stage in plan.stages {
        for index in 0..<stage.workers {
          let slot = "\(stage.name).\(index)"
          switch stage.work {
          case .source(let source):
            sources.append(
              Self.source(
                source, slot, index, of: stage.workers, reading, isComplete: complete.contains(slot)))
          case .sink(let sink):
            sinks.append(
              Sink(slot: slot, written: reading.sink(sink, slot), isFinished: finished.contains(slot)))
          case .custody:
            keepers.append(
              Keeper(
                slot: slot, known: (try? reading.custody(slot)) ?? nil, isComplete: complete.contains(slot)))
          case .userSource, .steps, .letters, .deadLetters: break
          }
        }
      }
    }
    self.sources = sources
    self.sinks = sinks
    self.keepers = keepers
    do {
      letters = try reading.letters() ?? [:]
    } catch {
      letters = nil
    }
  }

  private static func source(
    _ plan: FileSourcePlan, _ slot: String, _ index: Int, of workers: Int, _ reading: StateReading,
    isComplete: Bool
  ) -> Source {
    let position = reading.source(slot)
    var bytes: (done: UInt64, all: UInt64)?
    if !plan.follow, !plan.files.isEmpty,
      let source = try? makeSource(plan, slot: index, of: workers, folder: ""),
      let all = source.totalBytes
    {
      bytes = (isComplete ? all : source.bytes(before: position?.mark ?? InputMark()), all)
    }
    return Source(
      slot: slot, batches: (position?.low ?? 1) - 1, isComplete: isComplete, bytes: bytes)
  }

  /// `never begun`, `unfinished` or `ended`; a state may be in use besides.
  var standing: String {
    guard let history = reading.history else { return reading.entries.isEmpty ? "never begun" : "damaged" }
    return history.hasEnded ? "ended" : "unfinished"
  }

  var records: UInt64 { sinks.reduce(0) { $0 + ($1.written?.records ?? 0) } }

  /// Of what is known of the sources' input; nil where nothing is.
  var percentRead: Int? {
    let known = sources.compactMap(\.bytes)
    let all = known.reduce(0) { $0 + $1.all }
    if known.isEmpty { return nil }
    return all == 0 ? 100 : Int(known.reduce(0) { $0 + $1.done } * 100 / all)
  }

  func count(_ state: StoredLetter.State) -> Int { letters?[state] ?? 0 }

  /// What would be lost with it; empty where nothing of worth is in it.
  var losses: [String] {
    var losses: [String] = []
    if let history = reading.history, !history.hasEnded {
      losses.append("the run of \(WallClock.text(history.beganAt)), which could be gone on with")
    }
    if reading.replay != nil { losses.append("a replay of dead letters that is unfinished") }
    let dead = count(.dead) + count(.replaying)
    if dead > 0 { losses.append(RunSummary.count(dead, "dead letter")) }
    if letters == nil { losses.append("dead letters, which can't be read") }
    return losses
  }
}
