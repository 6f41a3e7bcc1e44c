import Control
import Coordination
import Delivery
import Glibc
import Multiprocessing
import POSIXKit

/// What a control socket sees of the supervisor.
extension Supervisor: ControlledRun {
  package var pagesDescriptor: Int32 { configuration.pagesDescriptor }

  package func status() -> RunStatus {
    let topology = configuration.topology
    var status = RunStatus(
      pipeline: configuration.pipeline, file: configuration.file,
      state: machine.isDraining ? .draining : .running,
      pid: getpid(), state_folder: configuration.stateFolder,
      uptime_seconds: Double(MonotonicClock.now() - started) / 1e9)
    for (index, stage) in configuration.stages.enumerated() {
      let slots = topology.slots(of: UInt16(index))
      var told = RunStatus.Stage(
        name: stage.name, role: Self.name(of: topology.stages[index].role),
        start_method: stage.method.rawValue,
        workers: slots.count, workers_most: slots.count)
      for slot in slots {
        let page = configuration.pages.statistics(of: slot)
        told.records_in += page[.recordsIn]
        told.records_out += page[.recordsOut]
        told.records_dead += page[.recordsDead]
        told.batches += page[.batches]
        if topology.stages[index].role == .source {
          status.input_done_bytes += page[.inputDone]
          status.input_size_bytes += page[.inputSize]
          status.in_flight.batches += page[.queueLength]
        }
        told.slots.append(self.status(of: slot, page))
      }
      status.stages.append(told)
    }
    return status
  }

  private func status(of slot: SlotID, _ page: StatisticsPage) -> RunStatus.Slot {
    let states: [StatisticsPage.State: RunStatus.SlotState] = [
      .waiting: .waiting, .starting: .starting, .running: .running, .backoff: .backoff, .over: .over,
      .failed: .over,
    ]
    var told = RunStatus.Slot(
      name: configuration.name(of: slot),
      state: StatisticsPage.State(rawValue: page[.state]).flatMap { states[$0] } ?? .waiting,
      epoch: UInt32(page[.epoch]), restarts: Int(page[.restarts]))
    if page[.processID] > 0, told.state != .over { told.pid = Int32(page[.processID]) }
    if page[.hasBatch] == 1 { told.in_hand = configuration.describeBatch(page) }
    return told
  }

  private static func name(of role: Topology.Role) -> String {
    switch role {
    case .source: "source"
    case .step, .custody: "step"
    case .sink: "sink"
    case .deadLetters: "dead-letters"
    }
  }

  package func carryOut(_ command: ControlCommand) -> ControlAnswer {
    switch command {
    case .drain:
      if machine.isDraining { return .refused("the run is draining already; stop --now ends it at once") }
      perform(machine.stopRequested(signal: SIGTERM, now: MonotonicClock.now()))
      return .accepted("draining")
    case .stopNow:
      if !machine.isDraining { perform(machine.stopRequested(signal: SIGTERM, now: MonotonicClock.now())) }
      perform(machine.stopRequested(signal: SIGTERM, now: MonotonicClock.now()))
      return .accepted("ending at once")
    case .scale, .restart, .pause, .resume, .tap, .untap: return .refused("this run can't do that")
    }
  }

  package func isSettled(_ command: ControlCommand) -> Bool { true }
}
