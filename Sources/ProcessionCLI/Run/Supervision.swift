import Control
import Coordination
import Delivery
import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile
import Stages
import Supervisor
import Worker

/// A prepared run from its first process to its last, and what is said of it at the end.
struct Supervision {
  let plan: Plan
  let strict: Bool
  let style: ProgressSetup.Style
  let json: Bool
  let logging: LogSettings
  /// Memory to share with the workers; nil: the run's own.
  let sharedMemory: Int32?
  let service: ServiceNotifier?
  /// Where a detached run tells of its start; its log goes to a file.
  let verdict: DetachedVerdict?

  func run(_ state: borrowing RunState, _ prepared: PreparedRun) throws -> (how: Outcome, status: Int32) {
    let topology = plan.topology
    try raiseDescriptorLimit(topology)
    let memory = try makeMemory(topology)
    let narrator = verdict == nil ? Narrator(drawer: startDrawer(memory, topology)) : nil
    let log = try openLog(narrator, stateFolder: state.folder)
    if prepared.isResumed { say(Self.resumption(prepared), event: "resume", log) }
    for note in prepared.notes { say(note, event: "change", log) }
    let supervisor = Supervisor(
      try configuration(topology, state, memory, prepared), log: log,
      journal: try state.openJournal(of: prepared), history: prepared.history)
    let control = try ControlServer(path: Self.controlSocket(of: state))
    supervisor.control = control
    log.observer = { control.publish($0) }
    let report: RunReport
    do throws(SystemCallError) {
      report = try supervisor.run()
    } catch {
      // Whoever started a detached run may have left, and nobody reads its standard error.
      if verdict != nil { say("error: \(error)", .error, event: "end", log) }
      throw error
    }
    let pages = SharedPages(base: memory.bytes.baseAddress!, topology: topology)
    let summary = RunSummary(
      plan: plan, topology: topology, report: report, pages: pages.allStatistics,
      late: prepared.history.joined)
    // As text it is a table, which is for standard error alone.
    if logging.style == .text { narrator?.close() }
    summary.tell(log)
    log.close()
    if json { try Terminal.printJSONLine(summary.document) }
    if logging.style == .text { Terminal.printError(summary.text) }
    let status = status(of: summary)
    control.ended(outcome: summary.document.outcome, status: status, text: summary.text)
    verdict?.say(summary.verdict)
    return (report.outcome, status)
  }

  private static func controlSocket(of state: borrowing RunState) -> String {
    "\(state.socketFolder)/\(RunFinder.socketName)"
  }

  private func openLog(_ narrator: Narrator?, stateFolder: String) throws -> RunLog {
    if let narrator {
      return RunLog(pipeline: plan.name, level: logging.level, to: [(narrator, logging.format)])
    }
    let file = try RotatedLog("\(stateFolder)/log")
    return RunLog(pipeline: plan.name, level: logging.level, to: [(file, logging.fileFormat)])
  }

  private func say(_ text: String, _ level: LogRecord.Level = .notice, event: String, _ log: RunLog) {
    log.add(
      LogRecord(
        time: WallClock.now(), level: level, pipeline: plan.name, message: text,
        fields: [("event", .text(event))]))
  }

  private func makeMemory(_ topology: Topology) throws(SystemCallError) -> SharedMemory {
    if let sharedMemory { return try SharedMemory(mapping: Descriptor.duplicate(sharedMemory)) }
    return try SharedMemory(size: SharedPages.size(topology), name: "procession")
  }

  private static func resumption(_ prepared: PreparedRun) -> String {
    let done = prepared.history.complete.count
    let (kind, way) = prepared.isReplay ? ("replay", "") : ("run", " (--fresh starts over)")
    return "going on with the \(kind) of \(WallClock.text(prepared.history.beganAt))"
      + (done == 0 ? "" : "; \(done) of its sources complete already") + way
  }

  /// Each worker's descriptors are few; the supervisor's grow with the workers, and libzmq aborts a process
  /// that can't accept for want of one.
  private func raiseDescriptorLimit(_ topology: Topology) throws {
    let limit = try DescriptorLimit.raise()
    let needed = DescriptorNeed.of(plan, topology)
    if limit < needed {
      throw StageFailure(
        "error: this pipeline needs \(needed) descriptors and the limit is \(limit); "
          + "raise it (ulimit -n \(needed)) or use fewer workers")
    }
    for (index, stage) in plan.stages.enumerated() {
      let least = DescriptorNeed.ofWorkers(of: index, topology)
      guard let files = stage.limits.files, files < least else { continue }
      let place = stage.position
      throw StageFailure(
        "\(place): error: 'files' allows a worker of stage \(stage.name) \(files) descriptors, and it needs "
          + "\(least); write at least that")
    }
  }

  /// Nil where nothing is to be drawn, or nothing can be: progress is not worth a run.
  private func startDrawer(_ memory: borrowing SharedMemory, _ topology: Topology) -> StartedProcess? {
    // Objects are not to be read between lines of progress.
    if style == .quiet || logging.style == .json && style != .json { return nil }
    let setup = ProgressSetup(
      style: style, pipeline: plan.name,
      stages: zip(plan.stages, topology.stages).map { stage, shape in
        .init(name: stage.name, slots: shape.capacity, isSource: Self.isSource(stage))
      })
    var request = StartRequest(target: ProgressMain.target, payload: setup.encoded(), name: "progress")
    request.descriptors = [memory.descriptor.raw]
    request.standardOutput = .descriptor(1)
    request.standardError = .descriptor(2)
    return try? StartedProcess.start(request, by: .fork)
  }

  private func configuration(
    _ topology: Topology, _ state: borrowing RunState, _ memory: borrowing SharedMemory,
    _ prepared: PreparedRun
  ) throws -> SupervisorConfiguration {
    let planBytes = try plan.canonicalJSON()
    let faults = getenv(FaultPoints.environmentName).map { String(cString: $0) } ?? ""
    let passed = [memory.descriptor.raw, state.lock.descriptor.raw]
    let (socketFolder, stateFolder, plan) = (state.socketFolder, state.folder, plan)
    let controlSocket = Self.controlSocket(of: state)
    let (run, runFolder) = (prepared.history.run, prepared.folder)
    let names = InputNames(plan)
    var configuration = SupervisorConfiguration(
      topology: topology,
      stages: plan.stages.indices.map { Self.stage(plan, $0, planBytes) },
      pages: SharedPages(base: memory.bytes.baseAddress!, topology: topology),
      request: { worker in
        let assignment = WorkerAssignment(
          worker: worker, run: run, socketFolder: socketFolder, controlSocket: controlSocket,
          stateFolder: stateFolder, runFolder: runFolder, faults: faults, plan: planBytes)
        var request = StartRequest(
          target: WorkerMain.target, payload: assignment.encoded(), name: plan.name(of: worker.slot))
        request.descriptors =
          passed + [Self.output(of: plan.stages[Int(worker.slot.stage)], memory: passed[0])]
        if Self.readsStandardInput(plan.stages[Int(worker.slot.stage)]) {
          request.standardInput = .descriptor(0)
          request.foreground = isatty(0) == 1
        }
        return request
      },
      describeBatch: { page in
        let origin = Int(page[.batchOrigin] >> 16)
        let file = names.name(
          stage: Int(page[.batchFile] >> 32), file: Int(UInt32(truncatingIfNeeded: page[.batchFile])))
        if page[.batchRecord] > 0 && page[.batchRecordLine] > 0 { return "\(file):\(page[.batchRecordLine])" }
        return
          "batch \(page[.batchSequence]) of \(plan.stages[origin].name), \(file) from line \(page[.batchLine])"
      })
    configuration.pipeline = plan.name
    configuration.file = plan.file
    configuration.stateFolder = stateFolder
    configuration.socketFolder = socketFolder
    configuration.pagesDescriptor = passed[0]
    configuration.deadLetterLimit = plan.deadLetters.supervised
    configuration.service = service
    configuration.onReady = verdict?.ready
    configuration.strategy = plan.strategy.supervised
    return configuration
  }

  private static func stage(_ plan: Plan, _ index: Int, _ planBytes: [UInt8]) -> SupervisorConfiguration.Stage
  {
    let stage = plan.stages[index]
    let method: StartMethod =
      switch stage.startMethod {
      case .auto, .fork: .fork
      case .spawn: .spawn
      case .forkserver: .forkserver
      }
    var setup = SupervisorConfiguration.Stage(
      name: stage.name, method: method, restart: policy(stage.restart), isEndless: stage.work.isEndless)
    setup.attempts = stage.errors.attempts
    setup.failsOnPoison = stage.errors.onError == .fail
    setup.deadline = stage.errors.deadline
    setup.canBeReplaced = !readsStandardInput(stage) || isSpooled(stage)
    setup.limits.softMemory = stage.limits.softMemory
    setup.limits.hardMemory = stage.limits.hardMemory
    setup.limits.recycleBatches = stage.limits.recycleBatches
    setup.limits.recycleTime = stage.limits.recycleTime
    if method == .forkserver {
      setup.preload = ForkServer.Preload(
        WorkerMain.preload, payload: PreloadedTables.payload(plan: planBytes, stage: index))
    }
    return setup
  }

  private static func isSource(_ stage: StagePlan) -> Bool {
    switch stage.work {
    case .source, .userSource, .letters: true
    case .steps, .custody, .sink, .deadLetters: false
    }
  }

  private static func isSpooled(_ stage: StagePlan) -> Bool {
    if case .source(let source) = stage.work { return source.spool }
    return false
  }

  private static func policy(_ plan: RestartPlan) -> RestartPolicy {
    let kind: RestartPolicy.Kind =
      switch plan.policy {
      case .always: .always
      case .onFailure: .onFailure
      case .never: .never
      }
    return RestartPolicy(
      kind: kind, max: plan.max, window: plan.window, firstBackoff: plan.firstBackoff,
      lastBackoff: plan.lastBackoff, exceeded: plan.exceeded == .park ? .park : .stop)
  }

  /// Standard output of the run goes to the stage that writes it and to nobody else.
  private static func output(of stage: StagePlan, memory: Int32) -> Int32 {
    if case .sink(let sink) = stage.work, sink.target == .standardOutput { return 1 }
    return memory
  }

  static func readsStandardInput(_ stage: StagePlan) -> Bool {
    if case .source(let source) = stage.work { return source.files.isEmpty }
    return false
  }

  private func status(of summary: RunSummary) -> Int32 {
    switch summary.outcome {
    case .complete:
      if !summary.isBalanced || summary.excess != nil { return ExitStatusTable.failed }
      return strict && summary.deadLetters > 0 ? ExitStatusTable.deadLetters : ExitStatusTable.complete
    case .drained: return ExitStatusTable.complete
    case .stopped: return ExitStatusTable.stopped
    case .failed: return ExitStatusTable.failed
    case .forced(let number): return 128 + number
    }
  }
}

extension StrategyChoice {
  var supervised: RestartStrategy {
    switch self {
    case .oneForOne: .oneForOne
    case .restForOne: .restForOne
    case .oneForAll: .oneForAll
    }
  }
}

extension DeadLetterPlan {
  /// The limit as the supervisor knows it.
  var supervised: DeadLetterLimit {
    switch limit {
    case .none: .none
    case .count(let count): .count(count)
    case .share(let share): .share(share)
    }
  }
}
