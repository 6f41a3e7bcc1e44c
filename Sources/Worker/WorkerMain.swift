import Coordination
import Delivery
import Glibc
import Multiprocessing
import PipelineFile
import POSIXKit
import Stages

/// The entry function of every worker process.
package enum WorkerMain {
  /// The name under which it is registered with `ProcessTargets`.
  package static let target = "procession.worker"
  /// The name of the preload that a forkserver runs for a stage with lookup tables.
  package static let preload = "procession.tables"

  /// Makes workers and their preload known: once, at the top of `main`.
  package static func register() {
    ProcessTargets.register(target) { context in run(&context) }
    ProcessTargets.registerPreload(preload) { payload in try PreloadedTables(payload) }
  }

  static func run(_ context: inout ChildContext) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    // A file that may not grow any more is an error with a name, not a death.
    signal(SIGXFSZ, SIG_IGN)
    do {
      let assignment = try WorkerAssignment(decoding: context.payload)
      let plan = try Plan(canonicalJSON: assignment.plan)
      let path = WorkerAssignment.socketPath(of: assignment.worker, in: assignment.socketFolder)
      try Self.limit(plan.stages[Int(assignment.worker.slot.stage)])
      try context.setOrphanCleanup(
        path: path, folder: assignment.socketFolder, ofOwner: assignment.controlSocket)
      try work(&context, assignment, plan)
      return 0
    } catch let failure as StageFailure where failure.mayPass {
      StandardStreams.say(failure.description)
      return 1
    } catch {
      let deadline = MonotonicClock.deadline(after: .seconds(5))
      try? context.control.send(WorkerMessage.failed("\(error)").encoded(), until: deadline)
      return 1
    }
  }

  /// What the stage's programs start and leave behind comes to this process, which ends it.
  private static func answerForPrograms(_ stage: StagePlan) throws {
    do { try AdoptedProcesses.becomeSubreaper() } catch {
      throw StageFailure("\(stage.position): error: what programs start can't be watched: \(error)")
    }
    AdoptedProcesses.endDescendantsOfOrphan()
  }

  /// Before the first socket, whose threads would not have it.
  private static func limit(_ stage: StagePlan) throws {
    do {
      if let nice = stage.limits.nice { try ProcessLimits.addNiceness(nice) }
      if let processors = stage.limits.cpus { try ProcessLimits.runOn(processors: processors) }
      if let files = stage.limits.files { try ProcessLimits.limitDescriptors(to: files) }
    } catch {
      throw StageFailure(
        "\(stage.position): error: stage \(stage.name) can't have the limits that it asks for: \(error)")
    }
  }

  private static func work(
    _ context: inout ChildContext, _ assignment: WorkerAssignment, _ plan: Plan
  ) throws {
    let passed = WorkerAssignment.PassedDescriptor.self
    let memory = try SharedMemory(mapping: context.takeDescriptor(passed.statistics.rawValue))
    let topology = plan.topology
    let slot = assignment.worker.slot
    let pages = SharedPages(base: memory.bytes.baseAddress!, topology: topology)
    let page = pages.statistics(of: slot)
    page[.epoch] = UInt64(assignment.worker.epoch)
    page[.hasBatch] = 0
    let links = try Links(assignment, plan: plan, topology: topology, pages: pages)
    let name = plan.name(of: slot)
    let folder = "\(assignment.runFolder)/slots/\(name)"
    let role: any WorkerRole
    var chain: StepChain?
    switch plan.stages[Int(slot.stage)].work {
    case .source(let source):
      role = try SourceRole(
        links: links,
        source: makeSource(
          source, slot: Int(slot.index), of: plan.stages[Int(slot.stage)].workers, folder: folder),
        checkpoint: CheckpointFile(path: "\(folder)/position"), folder: folder)
    case .userSource(let source):
      role = try SourceRole(
        links: links,
        source: UserStages.makeSource(
          source.use,
          UserStageContext(
            worker: name, slot: Int(slot.index), slots: plan.stages[Int(slot.stage)].workers,
            names: InputNames(plan), run: assignment.run, folder: folder)),
        checkpoint: CheckpointFile(path: "\(folder)/position"), folder: folder)
    case .custody(let use):
      let context = PartContext(
        stage: plan.stages[Int(slot.stage)].name, worker: name,
        workers: plan.stages[Int(slot.stage)].workers, firstStep: 0, names: InputNames(plan),
        notesOwners: false)
      role = try CustodyRole(
        links: links, step: UserStages.makeState(use, context),
        store: StateStore("\(folder)/\(StateStore.fileName)"))
    case .letters(let letters):
      role = try SourceRole(
        links: links, source: makeSource(letters), checkpoint: CheckpointFile(path: "\(folder)/position"),
        folder: folder)
    case .steps(let steps):
      let tables = (context.preloaded as? PreloadedTables)?.tables ?? [:]
      let made = try StepChain(
        steps, stage: plan.stages[Int(slot.stage)].name, plan: plan, tables: tables,
        worker: name)
      if made.startsPrograms { try Self.answerForPrograms(plan.stages[Int(slot.stage)]) }
      role = try StepRole(links: links, chain: made)
      chain = made
    case .sink(let sink):
      let output = context.descriptors[passed.output.rawValue]
      role = try SinkRole(links: links, checkpoint: CheckpointFile(path: "\(folder)/position")) { state in
        try makeSink(
          sink, name: Plan.sinkName(plan.name, name, isReplay: assignment.isReplay), slot: Int(slot.index),
          of: plan.stages[Int(slot.stage)].workers, names: InputNames(plan), state: state,
          folder: folder, run: assignment.run, ownerFile: "\(assignment.stateFolder)/slots/\(name)/owned",
          standardOutput: output,
          intent: page[.intendedOutput],
          noteIntent: { page[.intendedOutput] = $0 })
      }
    case .deadLetters: role = try DeadLetterRole(links: links)
    }
    var loop = WorkerLoop(links: links, role: role)
    do { try loop.run(&context.control) } catch let failure as StageFailure where failure.mayPass {
      page[.hasBatch] = 0
      throw failure
    }
    try chain?.finish()
    withExtendedLifetime(memory.bytes) {}
  }
}
