import Control
import Coordination
import Delivery
import Glibc
import Multiprocessing
import POSIXKit

/// What the run tells of itself.
extension Supervisor {
  package func status() -> RunStatus {
    let now = MonotonicClock.now()
    let topology = configuration.topology
    var status = RunStatus(
      pipeline: configuration.pipeline, file: configuration.file, state: state, pid: getpid(),
      state_folder: configuration.stateFolder, uptime_seconds: Self.seconds(from: started, to: now))
    for (index, stage) in configuration.stages.enumerated() {
      let (wanted, most) = machine.workers(ofStage: index)
      var told = RunStatus.Stage(
        name: stage.name, role: Self.name(of: topology.stages[index].role),
        start_method: stage.method.rawValue, workers: wanted, workers_most: most)
      for slot in topology.slots(of: UInt16(index)) {
        let page = configuration.pages.statistics(of: slot)
        told.records_in += page[.recordsIn]
        told.records_out += page[.recordsOut]
        told.records_dead += page[.recordsDead]
        told.batches += page[.batches]
        if topology.stages[index].role == .source {
          status.input_done_bytes += page[.inputDone]
          status.input_size_bytes += page[.inputSize]
        }
        told.slots.append(self.status(of: slot, page, now: now))
      }
      status.stages.append(told)
    }
    let inFlight = InFlight(configuration.pages, topology)
    status.in_flight.batches = inFlight.batches
    if let oldest = inFlight.oldest {
      status.in_flight.oldest_source = configuration.name(of: oldest.source)
      status.in_flight.oldest_batch = oldest.sequence
      status.in_flight.oldest_seconds = Self.seconds(from: oldest.since, to: now)
    }
    return status
  }

  private var state: RunStatus.State {
    if machine.isEnding || machine.isFinished { return .ending }
    if machine.isDraining { return .draining }
    if !machine.isReady { return .starting }
    if machine.isPaused { return .paused }
    let isWhole = machine.slots.allSatisfy { slot in
      switch slot.state {
      case .running, .retiring, .stopping, .over: true
      case .starting: slot.duty != .regular || slot.epoch == 1
      case .backoff, .aborting, .killed, .parked: slot.duty == .none || slot.hasReported
      }
    }
    return isWhole ? .running : .degraded
  }

  private func status(of id: SlotID, _ page: StatisticsPage, now: UInt64) -> RunStatus.Slot {
    let slot = machine.slots[configuration.topology.position(of: id)]
    var told = RunStatus.Slot(
      name: configuration.name(of: id), state: Self.state(of: slot), epoch: slot.epoch,
      restarts: slot.restarts)
    if case .backoff(let until) = slot.state {
      told.starts_in_seconds = Self.seconds(from: now, to: until)
    }
    guard slot.isAlive else { return told }
    told.uptime_seconds = Self.seconds(from: slot.startedAt, to: now)
    let pid = Int32(page[.processID])
    if pid > 0 {
      told.pid = pid
      if let used = try? ProcessStatistics(of: pid) {
        told.cpu_seconds = Double(used.userNanoseconds + used.systemNanoseconds) / 1e9
        told.memory_bytes = used.residentBytes
      }
    }
    if page[.hasBatch] == 1 && page[.epoch] == UInt64(slot.epoch) {
      told.in_hand = configuration.describeBatch(page)
      told.in_hand_seconds = Self.seconds(from: page[.batchSince], to: now)
    }
    return told
  }

  private static func state(of slot: SupervisorStateMachine.Slot) -> RunStatus.SlotState {
    switch slot.state {
    case .starting: .starting
    case .running: .running
    case .retiring: .retiring
    case .stopping, .aborting, .killed: .stopping
    case .backoff: .backoff
    case .parked: .parked
    case .over: slot.duty != .none && slot.epoch == 0 && !slot.hasReported ? .waiting : .over
    }
  }

  private static func name(of role: Topology.Role) -> String {
    switch role {
    case .source: "source"
    case .step, .custody: "step"
    case .sink: "sink"
    case .deadLetters: "dead-letters"
    }
  }

  private static func seconds(from start: UInt64, to end: UInt64) -> Double {
    end > start ? Double(end - start) / 1e9 : 0
  }
}
