import Control
import Coordination
import Delivery
import Glibc
import Logging
import POSIXKit

/// What can be asked of a run over its control socket.
extension Supervisor: ControlledRun {
  package var pagesDescriptor: Int32 { configuration.pagesDescriptor }

  package func carryOut(_ command: ControlCommand) -> ControlAnswer {
    do throws(Refusal) {
      return .accepted(try carryOut(command, now: MonotonicClock.now()))
    } catch {
      return .refused(error.description)
    }
  }

  private func carryOut(_ command: ControlCommand, now: UInt64) throws(Refusal) -> String {
    switch command {
    case .scale(let name, let workers):
      let stage = try stage(named: name)
      let before = machine.workers(ofStage: stage).wanted
      perform(try machine.scaleRequested(stage: stage, workers: workers, now: now))
      logger.notice(
        "scaled from \(before) to \(workers) workers", metadata: ["event": "scale", "stage": .string(name)])
      return "\(name): \(before) to \(workers) workers"
    case .restart(let name, let slot):
      let stage = try stage(named: name)
      perform(try machine.restartRequested(stage: stage, slot: slot, now: now))
      let what = slot.map { "\(name).\($0)" } ?? name
      logger.notice("restarting \(what)", metadata: ["event": "restart", "stage": .string(name)])
      return "restarting \(what)"
    case .pause:
      perform(try machine.pauseRequested())
      logger.notice("paused: sources read no more", metadata: ["event": "pause"])
      return "paused; what is in flight is finished"
    case .resume:
      perform(try machine.resumeRequested())
      logger.notice("resumed", metadata: ["event": "resume"])
      return "resumed"
    case .drain(let timeout): return try drain(within: timeout, now: now)
    case .stopNow:
      logger.notice("ending at once, as asked over the control socket", metadata: ["event": "force"])
      perform(machine.endRequested(signal: SIGTERM))
      return "ending at once; the same command goes on from here"
    case .tap(let request): return try begin(request)
    case .untap(let path):
      if let stage = taps.end(path) { send(.untap(path: path), toStage: stage) }
      return "ended"
    }
  }

  private func drain(within seconds: Double?, now: UInt64) throws(Refusal) -> String {
    if machine.isDraining { throw Refusal("it is draining already; 'procession stop --now' ends it at once") }
    if let seconds, !(seconds > 0 && seconds < 1e9) {
      throw Refusal("a timeout of \(seconds) s is none; give a positive number of seconds")
    }
    logger.notice(
      "draining, as asked over the control socket\(seconds.map { ", for at most \($0) s" } ?? "")",
      metadata: ["event": "drain"])
    perform(
      machine.stopRequested(
        signal: SIGTERM, drainWithin: seconds.map { UInt64($0 * 1e9) }, now: now))
    return "draining"
  }

  private func begin(_ request: TapRequest) throws(Refusal) -> String {
    let stages = zip(configuration.stages, configuration.topology.stages).map { ($0.name, $1.role) }
    if let refusal = taps.begin(request, stages: stages, socketFolder: configuration.socketFolder) {
      throw Refusal(refusal)
    }
    let stage = UInt16(try stage(named: request.stage))
    for order in taps.orders(ofStage: stage) { send(order, toStage: stage) }
    return "tapping \(request.stage)"
  }

  private func send(_ message: SupervisorMessage, toStage stage: UInt16) {
    for slot in machine.slots where slot.id.stage == stage && slot.isAtWork {
      send(message, to: Incarnation(slot: slot.id, epoch: slot.epoch))
    }
  }

  private func stage(named name: String) throws(Refusal) -> Int {
    if let found = configuration.stages.firstIndex(where: { $0.name == name }) { return found }
    let names = configuration.stages.map(\.name).joined(separator: ", ")
    throw Refusal("there is no stage '\(name)'; there are \(names)")
  }

  package func isSettled(_ command: ControlCommand) -> Bool {
    switch command {
    case .scale(let name, _), .restart(let name, _):
      configuration.stages.firstIndex { $0.name == name }.map(machine.isSettled(stage:)) ?? true
    case .pause, .resume, .drain, .stopNow, .tap, .untap: true
    }
  }
}
