import Delivery
import Logging
import POSIXKit

/// Tells those outside how a run stands: the log of its drain, a service manager of its health, and whoever
/// waits for it that it is ready.
///
/// The supervisor's loop hands it what is so after each turn; for its one thread.
final class Herald {
  /// How the run stands.
  struct Standing {
    var health: Health
    var inFlight: () -> InFlight
  }

  private let logger: Logger
  private let name: (SlotID) -> String
  private let service: ServiceNotifier?
  private var onReady: (() -> Void)?
  private var drain = DrainStateMachine()

  init(
    _ logger: Logger, service: ServiceNotifier?, onReady: (() -> Void)?,
    name: @escaping (SlotID) -> String
  ) {
    self.logger = logger
    self.service = service
    self.onReady = onReady
    self.name = name
  }

  /// When ``look(_:)`` must be called at the latest.
  var nextDeadline: UInt64? { MonotonicClock.nearest(drain.nextWord, service?.nextDeadline) }

  func look(_ standing: Standing) {
    let health = standing.health
    if health.isReady, let tell = onReady {
      onReady = nil
      tell()
    }
    let now = MonotonicClock.now()
    if let word = drain.look(isDraining: health.isDraining, now: now) {
      say(word, standing.inFlight(), now: now)
    }
    service?.look(
      isReady: health.isReady, isStopping: health.isDraining || health.isEnding, health: health.line)
  }

  /// The run has ended: says what a drain has left.
  func ended(_ inFlight: InFlight) {
    let now = MonotonicClock.now()
    if let word = drain.ended(now: now) { say(word, inFlight, now: now) }
  }

  private func say(_ word: DrainStateMachine.Word, _ inFlight: InFlight, now: UInt64) {
    let what = inFlight.text(now: now, name: name)
    var facts: Logger.Metadata = ["batches": .stringConvertible(inFlight.batches)]
    if let oldest = inFlight.oldest {
      facts["oldest_source"] = .string(name(oldest.source))
      facts["oldest_batch"] = .stringConvertible(oldest.sequence)
      facts["oldest_seconds"] = .stringConvertible(Double(now - min(now, oldest.since)) / 1e9)
    }
    switch word {
    case .began:
      facts["event"] = "draining"
      logger.notice("draining: \(what)", metadata: facts)
    case .goesOn(let since):
      facts["event"] = "draining"
      facts["draining_seconds"] = .stringConvertible(Double(since) / 1e9)
      logger.notice("still draining after \(Figure.seconds(since)): \(what)", metadata: facts)
    case .ended(let time):
      facts["event"] = "drained"
      facts["draining_seconds"] = .stringConvertible(Double(time) / 1e9)
      if inFlight.batches == 0 {
        logger.notice("drained in \(Figure.seconds(time)): nothing is left in flight", metadata: facts)
      } else {
        logger.warning(
          "not drained after \(Figure.seconds(time)): \(what); the same command does them again",
          metadata: facts)
      }
    }
  }
}
