import Coordination
import Delivery
import Glibc
import POSIXKit
import PipelineFile
import Supervisor
import Worker

/// Runs a pipeline undisturbed, then again and again under kills, and compares what it wrote.
///
/// One thread: it forks the supervisors that it then kills.
final class ChaosDriver {
  /// A run that finishes no batch for so long, without being killed meanwhile, hangs.
  private static let patience: UInt64 = 60_000_000_000
  private static let look: UInt64 = 1_000_000

  private let options: ChaosOptions
  private let plan: Plan
  private let folder: String
  private let say: (String) -> Void
  private var schedule: ChaosSchedule
  private var log: ChaosLog
  private var pending: (delay: UInt64, victim: ChaosVictim, choice: UInt64)?
  private(set) var result = ChaosResult()

  init(
    _ plan: Plan, options: ChaosOptions, folder: String, log: consuming ChaosLog,
    say: @escaping (String) -> Void
  ) {
    self.plan = plan
    self.options = options
    self.folder = folder
    self.log = log
    self.say = say
    schedule = ChaosSchedule(seed: options.seed, rate: options.rate, victims: options.victims)
    result.seed = options.seed
  }

  func run() throws -> ChaosResult {
    let started = MonotonicClock.now()
    let (calm, expected) = try plan.redirected(into: "\(folder)/undisturbed")
    let first = try ChaosRun.start(calm, stateFolder: "\(folder)/undisturbed/.state", fresh: true)
    while first.status == nil { try wait(for: first, until: nil) }
    guard first.status == 0 else {
      result.failure =
        "the undisturbed run failed with status \(first.status!):\n" + first.lastLines.joined(separator: "\n")
      return result
    }
    result.undisturbedSeconds = Double(MonotonicClock.now() - started) / 1e9
    let batches = first.batches
    say("undisturbed run: \(Figure.fixed(result.undisturbedSeconds, 2)) s")
    let begun = MonotonicClock.now()
    while result.failure == nil && (result.rounds == 0 || mayKill(since: begun)) {
      try round(expected, batches: batches, begun: begun)
    }
    result.seconds = Double(MonotonicClock.now() - begun) / 1e9
    return result
  }

  private func mayKill(since begun: UInt64) -> Bool {
    if let duration = options.duration, MonotonicClock.now() - begun >= duration { return false }
    return options.kills.map { result.killCount < $0 } ?? (options.duration != nil)
  }

  /// One run from its beginning to its end, through as many supervisors as it takes.
  private func round(_ expected: [ChaosOutput], batches: UInt64, begun: UInt64) throws {
    let (disturbed, outputs) = try plan.redirected(into: "\(folder)/disturbed")
    var run = try ChaosRun.start(disturbed, stateFolder: "\(folder)/disturbed/.state", fresh: true)
    var recoveries = Recoveries()
    var kill = pending ?? schedule.next()
    var due = MonotonicClock.now() + kill.delay
    var progress = (batches: UInt64(0), at: MonotonicClock.now())
    var worked: UInt64 = 0
    while run.status != 0 {
      let kills = mayKill(since: begun)
      let now = MonotonicClock.now()
      if kills && due <= now && run.status == nil {
        if try strike(kill, run, &recoveries) {
          kill = schedule.next()
          due = MonotonicClock.now() + kill.delay
        } else {
          due = MonotonicClock.now() + Self.look
        }
        progress.at = MonotonicClock.now()
      }
      let soon = recoveries.isWaiting ? Self.look : 1_000_000_000
      try wait(for: run, until: min(now + soon, kills ? max(due, now + 1) : .max))
      recoveries.look(run.targets.pages, now: MonotonicClock.now())
      if run.batches != progress.batches { progress = (run.batches, MonotonicClock.now()) }
      if run.status == nil && MonotonicClock.now() - progress.at > Self.patience {
        return fail("no batch was finished for a minute", run)
      }
      guard let status = run.status, status != 0 else { continue }
      guard status == -SIGKILL else { return fail("the run ended with status \(status)", run) }
      worked += run.batches
      result.restarts += run.restarts
      result.resumptions += 1
      recoveries.forget()
      run = try ChaosRun.start(disturbed, stateFolder: "\(folder)/disturbed/.state", fresh: false)
      progress = (0, MonotonicClock.now())
    }
    // What this round had no time for is the next one's: the victims depend on the seed alone. With what is left
    // of its time, because rounds may be shorter than the time between two kills.
    let now = MonotonicClock.now()
    pending = (due > now ? due - now : 0, kill.victim, kill.choice)
    worked += run.batches
    result.restarts += run.restarts
    result.replayedBatches += worked > batches ? worked - batches : 0
    result.recoveryTimes += recoveries.times
    result.rounds += 1
    for (one, other) in zip(expected, outputs) {
      if let difference = try OutputComparison.difference(one, other) {
        result.differences.append("round \(result.rounds), \(one.stage): \(difference)")
        result.failure = "the outputs differ; they are kept in \(folder)"
      }
    }
    if let difference = try LetterComparison.difference(
      "\(folder)/undisturbed/.state", "\(folder)/disturbed/.state")
    {
      result.differences.append("round \(result.rounds), dead letters: \(difference)")
      result.failure = "the dead letters differ; they are kept in \(folder)"
    }
  }

  private func fail(_ text: String, _ run: ChaosRun) {
    result.rounds += 1
    result.failure = "\(text); its last lines:\n" + run.lastLines.joined(separator: "\n")
  }

  /// Kills one process, if there is one of the kind.
  private func strike(
    _ kill: (delay: UInt64, victim: ChaosVictim, choice: UInt64), _ run: ChaosRun,
    _ recoveries: inout Recoveries
  ) throws -> Bool {
    let living = run.targets.living(kill.victim) { plan.name(of: $0) }
    guard !living.isEmpty else {
      // A kind that the pipeline does not have, or that is being replaced: the next draw may be another.
      return kill.victim == .forkserver && !plan.stages.contains { $0.startMethod == .forkserver }
    }
    let target = living[Int(kill.choice % UInt64(living.count))]
    try log.note(
      kill: result.killCount + 1, victim: kill.victim, target: target, round: result.rounds + 1)
    let now = MonotonicClock.now()
    if kill.victim == .everything {
      run.targets.killEverything()
    } else if !run.targets.kill(target) {
      return false
    }
    result.kills[kill.victim, default: 0] += 1
    recoveries.killed(target.deaths, at: now)
    return true
  }

  private func wait(for run: ChaosRun, until deadline: UInt64?) throws {
    var poller = Poller()
    run.watch(in: &poller, token: 0)
    _ = try poller.wait(until: deadline)
    try run.read()
    if options.showsProgress { tellProgress() }
  }

  private var lastTold: UInt64 = 0

  private func tellProgress() {
    let now = MonotonicClock.now()
    guard now - lastTold > 5_000_000_000 else { return }
    if lastTold > 0 {
      say("\(result.killCount) kills, \(result.rounds) rounds, \(result.differences.count) differences")
    }
    lastTold = now
  }
}
