import Control
import Coordination
import Delivery
import Glibc
import Logging
import Multiprocessing
import POSIXKit

/// The supervisor's loop: waits, turns what it sees into inputs of its machine, carries out the actions.
///
/// One thread, always: nothing here starts another, which is what makes forking from it safe. It blocks
/// nowhere but in its poll.
package final class Supervisor {
  private static let signalToken = 0
  private static let serverToken = 1
  private static let logToken = 2
  private static let controlToken = 3
  private static let firstWorkerToken = 16

  let configuration: SupervisorConfiguration
  let started = MonotonicClock.now()
  /// Serves those who ask about the run, or steer it.
  package var control: ControlServer?
  /// Who looks at which stage.
  var taps = RunTaps()
  private let log: RunLog
  let logger: Logger
  private let herald: Herald
  var machine: SupervisorStateMachine
  private let servers: StageServers
  private var overdue: OverdueWork
  private var limits: LimitWatch
  /// By position of the slot; nil where nothing runs.
  private var employees: [Employee?]
  private var tally = Tally()
  private var sinks: [(slot: SlotID, report: SinkReport)] = []
  private var outcome: Outcome?
  private var journal: Journal
  /// Why an action could not be carried out: told to the machine after the list that it cut short.
  private var failure: String?
  /// Starts that failed at once. Told to the machine after the list of actions that held them.
  private var failedStarts: [(worker: Incarnation, detail: String)] = []

  /// `history`: what the journal already holds of the run.
  package init(
    _ configuration: SupervisorConfiguration, log: RunLog, journal: consuming Journal,
    history: RunHistory
  ) {
    self.configuration = configuration
    self.log = log
    logger = log.makeLogger()
    herald = Herald(logger, configuration)
    self.journal = journal
    tally = history.tally
    sinks = history.finished.map { ($0.slot, $0.report) }
    machine = SupervisorStateMachine(
      topology: configuration.topology,
      stages: configuration.stages.map {
        .init(
          name: $0.name, restart: $0.restart, isEndless: $0.isEndless, attempts: $0.attempts,
          failsOnPoison: $0.failsOnPoison, canBeReplaced: $0.canBeReplaced)
      },
      strategy: configuration.strategy, limits: configuration.limits, history: history)
    servers = StageServers(configuration.stages)
    overdue = OverdueWork(configuration)
    limits = LimitWatch(configuration)
    employees = Array(repeating: nil, count: configuration.topology.slotCount)
  }

  /// Runs the pipeline to its end. Throws what the machine itself refuses: signals, polling.
  package func run() throws(SystemCallError) -> RunReport {
    // Whoever has it ignored (nohup, a detached run) outlives its terminal.
    let hangup = SignalDescriptor.isIgnored(SIGHUP) ? [] : [SIGHUP]
    let signals = try SignalDescriptor([SIGINT, SIGTERM, SIGCHLD] + hangup)
    try AdoptedProcesses.becomeSubreaper()
    perform(machine.runRequested(now: started))
    var poller = Poller()
    while outcome == nil {
      poller.removeAll()
      poller.watch(signals.descriptor.raw, token: Self.signalToken)
      servers.watch(in: &poller, token: Self.serverToken)
      log.watch(in: &poller, token: Self.logToken)
      for index in employees.indices {
        employees[index]?.process.watch(in: &poller, token: Self.firstWorkerToken + index)
      }
      control?.watch(in: &poller, token: Self.controlToken)
      let deadline =
        failedStarts.isEmpty && failure == nil
        ? [
          machine.nextDeadline, servers.nextDeadline, overdue.nextLook, limits.nextLook, herald.nextDeadline,
          control?.nextDeadline,
        ].compactMap { $0 }.min() : 0
      let ready = try poller.wait(until: deadline)
      try handle(ready, signals)
      let now = MonotonicClock.now()
      if let control {
        let isDue = control.nextDeadline.map { $0 <= now } ?? false
        if isDue || ready.contains(where: { $0.token == Self.controlToken }) {
          control.handle(now: now, run: self)
        }
        control.settle(run: self)
      }
      if let deadline = machine.nextDeadline, deadline <= now { perform(machine.deadlineReached(now: now)) }
      for worker in overdue.workers(employees, now: now) {
        perform(machine.workOverdue(worker, now: now))
      }
      for finding in limits.findings(employees, now: now) { take(finding, now: now) }
      tellFailures()
      notePages()
      herald.look(machine)
    }
    herald.ended()
    try servers.close(until: MonotonicClock.deadline(after: .seconds(5)))
    try AdoptedProcesses.reap()
    return RunReport(
      outcome: outcome!, tally: tally, sinks: sinks,
      lastSequences: machine.endedOrigins, restarts: machine.restartCounts,
      workers: configuration.stages.indices.map { machine.workers(ofStage: $0).wanted },
      seconds: Double(MonotonicClock.now() - started) / 1e9)
  }

  private func handle(
    _ ready: [Poller.Ready], _ signals: borrowing SignalDescriptor
  ) throws(SystemCallError) {
    var tokens = ready.map(\.token)
    tokens.sort()
    if tokens.first == Self.signalToken {
      for arrival in try signals.read() {
        if arrival.signal == SIGCHLD {
          try AdoptedProcesses.reap()
        } else {
          stop(arrival.signal)
        }
      }
    }
    // A fork server's news come first: they say what became of its children.
    for fact in try servers.facts() {
      switch fact {
      case .printed(let stage, let stream, let line):
        logger.info(
          "fork server: \(line)", metadata: serverFacts(stage, ["stream": .string(stream.rawValue)]))
      case .ended(let stage, let status):
        logger.warning(
          "the fork server ended (\(status)); the next start makes a new one",
          metadata: serverFacts(stage, ["event": "server-ended", "status": .stringConvertible(status.code)]))
      case .preloadFailed(_, let text): perform(machine.fail(text))
      }
    }
    try log.proceed()
    for index in employees.indices {
      guard let employee = employees[index] else { continue }
      // What became of a fork server's child may have come with the server's news.
      if tokens.contains(Self.firstWorkerToken + index) || employee.process.method == .forkserver {
        try readFacts(of: employee, index: index)
      }
    }
  }

  private func stop(_ signal: Int32) {
    let name = ExitStatus.name(ofSignal: signal)
    logger.notice(
      machine.isDraining
        ? "\(name) again: ending at once" : "\(name): draining; a second one ends the run at once",
      metadata: ["event": machine.isDraining ? "force" : "drain", "signal": .string(name)])
    perform(machine.stopRequested(signal: signal, now: MonotonicClock.now()))
  }

  private func readFacts(of employee: Employee, index: Int) throws(SystemCallError) {
    let worker = employee.incarnation
    for fact in try employee.process.facts() {
      switch fact {
      case .started(let pid):
        configuration.pages.statistics(at: index)[.processID] = UInt64(pid)
        logger.debug("started by the stage's fork server", metadata: facts(of: employee, ["event": "start"]))
      case .message(let bytes): take(bytes, from: worker)
      case .output(let stream, let bytes):
        for line in employee.printed(stream, bytes) { print(line, stream, of: employee) }
      case .controlClosed: break
      case .controlFailed(let error):
        logger.error("its control channel failed (\(error)); ending it", metadata: facts(of: employee))
        _ = try employee.process.signalGroup(SIGKILL)
      case .startFailed(let error):
        employees[index] = nil
        ended(worker, employee, WorkerEnd(status: nil, detail: "\(error)"))
      case .exited(let status, let usage):
        for (stream, line) in employee.finishPrinting() { print(line, stream, of: employee) }
        employees[index] = nil
        ended(worker, employee, end(of: worker, employee, status), usage: usage)
        if let pid = employee.process.pid {
          // Programs that left the worker's group.
          try AdoptedProcesses.endStrays(
            marked: AdoptedProcesses.mark(ofProgramsBy: pid),
            until: MonotonicClock.deadline(after: .seconds(1)))
        }
        try AdoptedProcesses.reap()
      }
    }
  }

  private func take(_ bytes: [UInt8], from worker: Incarnation) {
    let now = MonotonicClock.now()
    let name = configuration.name(of: worker.slot)
    do {
      switch try WorkerMessage(decoding: bytes) {
      case .ready:
        logger.debug("ready", metadata: facts(of: worker.slot, ["event": "ready"]))
        // Before its neighbours hear of it: nothing has passed by then.
        for order in taps.orders(ofStage: worker.slot.stage) { send(order, to: worker) }
        perform(machine.workerReady(worker, now: now))
      case .originEnded(let last): perform(machine.originEnded(worker, last: last))
      case .paused(let last): perform(machine.originPaused(worker, last: last))
      case .complete(let counts, let last, let isWhole):
        if !machine.hasReported(worker.slot) { tally.add(counts) }
        perform(
          machine.originCompleted(worker, last: last, tally: counts, isWhole: isWhole, now: now))
      case .finished(let report):
        if !machine.hasReported(worker.slot) { sinks.append((worker.slot, report)) }
        perform(machine.sinkFinished(worker, report: report, now: now))
      case .lettersStored:
        if let excess = configuration.deadLetterLimit.excess(letterCounts, isEnd: false) {
          perform(machine.fail(excess))
        }
      case .failed(let text): perform(machine.workerFailed(worker, text: text))
      case .note(let text): logger.notice("\(text)", metadata: facts(of: worker.slot))
      }
    } catch {
      perform(machine.fail("\(name) sent a message that can't be read: \(error)"))
    }
  }

  private func take(_ finding: LimitWatch.Finding, now: UInt64) {
    switch finding {
    case .memory(let worker, let isHard, let used):
      perform(machine.memoryExceeded(worker, isHard: isHard, used: used, now: now))
    case .isDue(let worker, let reason):
      perform(machine.replacementDue(worker, reason: reason, now: now))
    }
  }

  private func tellFailures() {
    if let text = failure {
      failure = nil
      perform(machine.fail(text))
    }
    let failed = failedStarts
    failedStarts = []
    for start in failed { ended(start.worker, nil, WorkerEnd(status: nil, detail: start.detail)) }
  }

  /// Records in and dead of each stage, replays included, as the pages have them.
  private var letterCounts: [DeadLetterLimit.Count] {
    configuration.stages.indices.map { stage in
      let pages = configuration.topology.slots(of: UInt16(stage)).map(configuration.pages.statistics(of:))
      return .init(
        name: configuration.stages[stage].name,
        recordsIn: pages.reduce(0) { $0 + $1[.recordsIn] },
        dead: pages.reduce(0) { $0 + $1[.recordsDead] })
    }
  }

  /// Notes for the drawer what the machine thinks of each slot, and for the machine how far origins are.
  private func notePages() {
    for index in employees.indices {
      let page = configuration.pages.statistics(at: index)
      let (state, restarts) = machine.status(at: index)
      page[.state] = state.rawValue
      page[.restarts] = UInt64(restarts)
    }
    for stage in configuration.stages.indices where configuration.stages[stage].method == .forkserver {
      let first = SlotID(stage: UInt16(stage), index: 0)
      configuration.pages.statistics(of: first)[.serverID] = UInt64(servers.pid(ofStage: stage) ?? 0)
    }
  }

  /// What the supervisor can know of a death: from the status, from the page, and from what was printed.
  private func end(of worker: Incarnation, _ employee: Employee, _ status: ExitStatus) -> WorkerEnd {
    let page = configuration.pages.statistics(of: worker.slot)
    var inHand: InHand?
    if page[.hasBatch] == 1 && page[.epoch] == UInt64(worker.epoch) {
      let origin = page[.batchOrigin]
      inHand = InHand(
        batch: BatchID(
          origin: SlotID(stage: UInt16(origin >> 16), index: UInt16(origin & 0xFFFF)),
          sequence: page[.batchSequence], branch: Branch(rawValue: page[.batchBranch])),
        record: page[.batchRecord] == 0 ? nil : UInt32(page[.batchRecord] - 1),
        place: configuration.describeBatch(page) ?? "")
    }
    return WorkerEnd(
      status: status.code,
      cause: status.signal.map(ExitStatus.name(ofSignal:)) ?? "status \(status.code)", inHand: inHand,
      isExcused: page[.excusedEpoch] == UInt64(worker.epoch),
      lastWords: employee.lastLines.joined(separator: "\n"), time: WallClock.now())
  }

  private func ended(
    _ worker: Incarnation, _ employee: Employee?, _ end: WorkerEnd, usage: ResourceUsage? = nil
  ) {
    for slot in configuration.topology.stages.indices
    where configuration.topology.stages[slot].role.isOrigin {
      for origin in configuration.topology.slots(of: UInt16(slot)) {
        machine.originAdvanced(origin, low: configuration.pages.statistics(of: origin)[.lowWater])
      }
    }
    let actions = machine.workerExited(
      worker, end, now: MonotonicClock.now(), random: UInt64.random(in: 0...UInt64.max))
    for case .report(let death) in actions { report(death, employee, usage) }
    perform(actions)
  }

  private func report(_ death: Death, _ employee: Employee?, _ usage: ResourceUsage?) {
    let slot = death.incarnation.slot
    let page = configuration.pages.statistics(of: slot)
    let report = CrashReport(
      stage: configuration.stages[Int(slot.stage)].name, name: configuration.name(of: slot),
      pid: employee?.process.pid,
      method: configuration.stages[Int(slot.stage)].method, death: death, usage: usage,
      inHand: CrashReport.InHand(page, described: configuration.describeBatch(page)),
      lastLines: employee?.lastLines ?? [])
    report.tell(logger)
  }

  func perform(_ actions: [SupervisorAction]) {
    for action in actions {
      switch action {
      case .record(let entry):
        do {
          try journal.append(entry)
        } catch {
          // Nothing that relies on the entry may happen.
          failure = "the journal can't be written: \(error); the same command goes on from here"
          return
        }
      case .start(let incarnation): start(incarnation)
      case .warn(let stage):
        if !configuration.pages.suspects(ofStage: stage).write(machine.suspects.entries(ofStage: stage)) {
          failure =
            "stage \(configuration.stages[Int(stage)].name): more than \(SuspectPage.capacity) "
            + "records end its workers; mend the step before it goes on"
          return
        }
      case .send(let message, let to): send(message, to: to)
      case .kill(let incarnation):
        if let employee = employee(incarnation) { _ = try? employee.process.signalGroup(SIGKILL) }
      case .abort(let incarnation):
        if let employee = employee(incarnation) { _ = try? employee.process.signal(SIGABRT) }
      case .report: break
      case .note(let slot, let text):
        logger.notice("\(configuration.name(of: slot)) \(text)", metadata: facts(of: slot))
      case .finish(let how): outcome = how
      }
    }
  }

  private func start(_ incarnation: Incarnation) {
    let index = configuration.topology.position(of: incarnation.slot)
    let stage = Int(incarnation.slot.stage)
    let page = configuration.pages.statistics(at: index)
    page[.epoch] = UInt64(incarnation.epoch)
    page[.processID] = 0
    page[.hasBatch] = 0
    do {
      let request = configuration.request(incarnation)
      let process: StartedProcess
      switch configuration.stages[stage].method {
      case .fork: process = try StartedProcess.start(request, by: .fork)
      case .spawn: process = try StartedProcess.start(request, by: .spawn)
      case .forkserver: process = try servers.start(request, stage: stage)
      }
      configuration.pages.statistics(at: index)[.processID] = UInt64(process.pid ?? 0)
      let employee = Employee(incarnation, process: process)
      employees[index] = employee
      logger.debug(
        "started by \(configuration.stages[stage].method.rawValue)",
        metadata: facts(of: employee, ["event": "start"]))
    } catch {
      // Not told to the machine at once: an action must not change what the rest of its list relies on.
      failedStarts.append((incarnation, "\(error)"))
    }
  }

  func send(_ message: SupervisorMessage, to incarnation: Incarnation) {
    guard let employee = employee(incarnation) else { return }
    do {
      try employee.process.send(message.encoded())
    } catch .closed {
      // It is dead or dying, and its exit will say so.
    } catch {
      logger.error(
        "it does not read its control channel (\(error)); ending it", metadata: facts(of: employee))
      _ = try? employee.process.signalGroup(SIGKILL)
    }
  }

  private func employee(_ incarnation: Incarnation) -> Employee? {
    let found = employees[configuration.topology.position(of: incarnation.slot)]
    return found?.incarnation == incarnation ? found : nil
  }
}
