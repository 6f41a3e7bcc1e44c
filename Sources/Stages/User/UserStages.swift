import PipelineFile
import Synchronization

/// The types that this program brings for `use`, by kind and name.
///
/// Registered at the top of `main`, before any process is started: every worker has the same ones.
package enum UserStages {
  package struct StepType: Sendable {
    /// Whether pipeline files are offered its name.
    package var isOffered = true
    package var check: @Sendable (UsePlan) -> UserTypeCheck
    /// Called in the worker; nil for a step with state.
    package var makePart: (@Sendable (UsePlan, PartContext) throws(StageFailure) -> any ChainPart)?
    /// Called in the worker; nil for a step without state.
    package var makeState: (@Sendable (UsePlan, PartContext) throws(StageFailure) -> any StatefulStep)?

    package init(
      check: @escaping @Sendable (UsePlan) -> UserTypeCheck,
      makePart: (@Sendable (UsePlan, PartContext) throws(StageFailure) -> any ChainPart)?
    ) {
      self.check = check
      self.makePart = makePart
    }

    /// A step that keeps state.
    package init(
      check: @escaping @Sendable (UsePlan) -> UserTypeCheck,
      makeState: @escaping @Sendable (UsePlan, PartContext) throws(StageFailure) -> any StatefulStep
    ) {
      self.check = { plan in
        var check = check(plan)
        check.keepsState = true
        return check
      }
      self.makeState = makeState
    }
  }

  package struct SourceType: Sendable {
    package var check: @Sendable (UsePlan) -> UserTypeCheck
    /// Called in the worker.
    package var make: @Sendable (UsePlan, UserStageContext) throws(StageFailure) -> any StageSource

    package init(
      check: @escaping @Sendable (UsePlan) -> UserTypeCheck,
      make: @escaping @Sendable (UsePlan, UserStageContext) throws(StageFailure) -> any StageSource
    ) {
      self.check = check
      self.make = make
    }
  }

  package struct SinkType: Sendable {
    package var check: @Sendable (UsePlan) -> UserTypeCheck
    /// Called in the worker; the state is what an earlier incarnation committed.
    package var make: @Sendable (UsePlan, UserStageContext, SinkState) throws(StageFailure) -> any StageSink

    package init(
      check: @escaping @Sendable (UsePlan) -> UserTypeCheck,
      make: @escaping @Sendable (UsePlan, UserStageContext, SinkState) throws(StageFailure) -> any StageSink
    ) {
      self.check = check
      self.make = make
    }
  }

  private struct Registry {
    var steps: [(name: String, type: StepType)] = []
    var sources: [(name: String, type: SourceType)] = []
    var sinks: [(name: String, type: SinkType)] = []
  }

  private static let registry = Mutex(Registry())

  /// A second one of the same name replaces the first.
  package static func register(step name: String, _ type: StepType) {
    registry.withLock { registry in
      registry.steps.removeAll { $0.name == name }
      registry.steps.append((name, type))
    }
  }

  package static func register(source name: String, _ type: SourceType) {
    registry.withLock { registry in
      registry.sources.removeAll { $0.name == name }
      registry.sources.append((name, type))
    }
  }

  package static func register(sink name: String, _ type: SinkType) {
    registry.withLock { registry in
      registry.sinks.removeAll { $0.name == name }
      registry.sinks.append((name, type))
    }
  }

  /// What reading a pipeline file needs of them.
  package static let types = UserTypes(
    names: { kind in
      registry.withLock { registry in
        switch kind {
        case .source: registry.sources.map(\.name)
        case .step: registry.steps.filter(\.type.isOffered).map(\.name)
        case .sink: registry.sinks.map(\.name)
        }
      }
    },
    knows: { kind, name in
      registry.withLock { registry in
        switch kind {
        case .source: registry.sources.contains { $0.name == name }
        case .step: registry.steps.contains { $0.name == name }
        case .sink: registry.sinks.contains { $0.name == name }
        }
      }
    },
    check: { kind, plan in
      let check: (@Sendable (UsePlan) -> UserTypeCheck)? = registry.withLock { registry in
        switch kind {
        case .source: registry.sources.first { $0.name == plan.name }?.type.check
        case .step: registry.steps.first { $0.name == plan.name }?.type.check
        case .sink: registry.sinks.first { $0.name == plan.name }?.type.check
        }
      }
      return check?(plan) ?? UserTypeCheck()
    })

  static func makeStep(_ plan: UsePlan, _ context: PartContext) throws(StageFailure) -> any ChainPart {
    let type = registry.withLock { registry in registry.steps.first { $0.name == plan.name }?.type }
    guard let make = type?.makePart else { throw missing("step", plan) }
    return try make(plan, context)
  }

  package static func makeState(
    _ plan: UsePlan, _ context: PartContext
  ) throws(StageFailure) -> any StatefulStep {
    let type = registry.withLock { registry in registry.steps.first { $0.name == plan.name }?.type }
    guard let make = type?.makeState else { throw missing("step with state", plan) }
    return try make(plan, context)
  }

  package static func makeSource(
    _ plan: UsePlan, _ context: UserStageContext
  ) throws(StageFailure) -> any StageSource {
    let type = registry.withLock { registry in registry.sources.first { $0.name == plan.name }?.type }
    guard let type else { throw missing("source", plan) }
    return try type.make(plan, context)
  }

  static func makeSink(
    _ plan: UsePlan, _ context: UserStageContext, _ state: SinkState
  ) throws(StageFailure) -> any StageSink {
    let type = registry.withLock { registry in registry.sinks.first { $0.name == plan.name }?.type }
    guard let type else { throw missing("sink", plan) }
    return try type.make(plan, context, state)
  }

  private static func missing(_ kind: String, _ plan: UsePlan) -> StageFailure {
    StageFailure(
      "\(plan.position): error: no \(kind) '\(plan.name)' is registered in this process; register it at the "
        + "top of main, before anything that depends on arguments or the environment")
  }
}

/// What a source or sink of the program is told of its place.
package struct UserStageContext: Sendable {
  /// `write.0`.
  package var worker: String
  /// Which of the stage's workers it is in, and how many there are.
  package var slot: Int
  package var slots: Int
  package var names: InputNames
  /// The same for all workers of a run, and another for each run that began anew.
  package var run: UInt64
  /// A folder for what it must keep beside the run's state; it may not be there yet.
  package var folder: String

  package init(worker: String, slot: Int, slots: Int, names: InputNames, run: UInt64, folder: String) {
    self.worker = worker
    self.slot = slot
    self.slots = slots
    self.names = names
    self.run = run
    self.folder = folder
  }
}
