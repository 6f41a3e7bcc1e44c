import Delivery
import Logging
import POSIXKit

/// Tells those outside how a run stands: the log of its drain, a service manager of its health, and whoever
/// waits for it that it is ready.
///
/// The supervisor's loop hands it what is so after each turn; for its one thread.
final class Herald {
  private let configuration: SupervisorConfiguration
  private let logger: Logger
  private var onReady: (() -> Void)?
  private var drain = DrainStateMachine()

  init(_ logger: Logger, _ configuration: SupervisorConfiguration) {
    self.logger = logger
    self.configuration = configuration
    onReady = configuration.onReady
  }

  /// When ``look(_:)`` must be called at the latest.
  var nextDeadline: UInt64? { MonotonicClock.nearest(drain.nextWord, configuration.service?.nextDeadline) }

  func look(_ machine: SupervisorStateMachine) {
    if machine.isReady, let tell = onReady {
      onReady = nil
      tell()
    }
    let now = MonotonicClock.now()
    if let word = drain.look(isDraining: machine.isDraining, now: now) { say(word, now: now) }
    guard let service = configuration.service else { return }
    service.look(
      isReady: machine.isReady, isStopping: machine.isDraining || machine.isEnding,
      health: health(machine).line)
  }

  /// The run has ended: says what a drain has left.
  func ended() {
    let now = MonotonicClock.now()
    if let word = drain.ended(now: now) { say(word, now: now) }
    configuration.service?.look(isReady: false, isStopping: true, health: "ended")
  }

  private func health(_ machine: SupervisorStateMachine) -> Health {
    let topology = configuration.topology
    let slots = topology.stages.indices.flatMap { topology.slots(of: UInt16($0)) }
    return Health(
      isReady: machine.isReady, isPaused: machine.isPaused, isDraining: machine.isDraining,
      isEnding: machine.isEnding,
      slots: slots.enumerated().map { position, slot in
        .init(name: name(slot), state: machine.status(at: position).state)
      })
  }

  private func name(_ slot: SlotID) -> String { configuration.name(of: slot) }

  private func say(_ word: DrainStateMachine.Word, now: UInt64) {
    let inFlight = InFlight(configuration.pages, configuration.topology)
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
