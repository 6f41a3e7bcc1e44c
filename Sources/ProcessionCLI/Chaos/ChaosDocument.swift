/// `procession.chaos/1`: the last line of `chaos --json`.
struct ChaosDocument: Encodable {
  let schema = "procession.chaos/1"
  let pipeline: String
  let seed: UInt64
  let same: Bool
  let kills: [String: Int]
  let rounds, resumptions: Int
  let restarts, replayed_batches: UInt64
  let undisturbed_seconds, elapsed_seconds: Double
  let recovery_median_seconds, recovery_p99_seconds, recovery_worst_seconds: Double?
  let differences: [String]
  let error: String?

  init(_ result: ChaosResult, pipeline: String) {
    self.pipeline = pipeline
    seed = result.seed
    same = result.isSame
    kills = Dictionary(uniqueKeysWithValues: result.kills.map { ($0.key.rawValue, $0.value) })
    rounds = result.rounds
    resumptions = result.resumptions
    restarts = result.restarts
    replayed_batches = result.replayedBatches
    undisturbed_seconds = result.undisturbedSeconds
    elapsed_seconds = result.seconds
    recovery_median_seconds = result.recovery(0.5)
    recovery_p99_seconds = result.recovery(0.99)
    recovery_worst_seconds = result.recovery(1)
    differences = result.differences
    error = result.failure
  }
}
