import Coordination
import Delivery
import Multiprocessing

/// All that a supervisor is told of a run: shapes and policies, and how to make a start request. It knows
/// neither what a stage does nor how workers talk to each other.
package struct SupervisorConfiguration {
  package struct Stage {
    package var name: String
    package var method: StartMethod
    package var restart: RestartPolicy
    /// A source whose input never ends.
    package var isEndless: Bool
    /// Deaths over one batch after which it is worked on record by record.
    package var attempts = 3
    /// Whether a record that ends its workers ends the run, too.
    package var failsOnPoison = false
    /// Nanoseconds that a worker may spend on one batch, or on one record where it goes record by record.
    package var deadline: UInt64?
    /// False for what reads an input that can be read only once.
    package var canBeReplaced = true
    package var limits = Limits()
    /// What the stage's fork server loads before its first fork.
    package var preload: ForkServer.Preload?

    /// When a worker is replaced although it has not died.
    package struct Limits: Sendable {
      /// Resident bytes: over the first it is replaced, over the second killed.
      package var softMemory: UInt64?
      package var hardMemory: UInt64?
      package var recycleBatches: UInt64?
      /// Nanoseconds.
      package var recycleTime: UInt64?

      package init() {}

      var isLookedAt: Bool {
        softMemory != nil || hardMemory != nil || recycleBatches != nil || recycleTime != nil
      }
    }

    package init(
      name: String, method: StartMethod, restart: RestartPolicy, isEndless: Bool = false,
      preload: ForkServer.Preload? = nil
    ) {
      self.name = name
      self.method = method
      self.restart = restart
      self.isEndless = isEndless
      self.preload = preload
    }
  }

  package var topology: Topology
  package var pipeline = ""
  /// As the user named it.
  package var file = ""
  package var stateFolder = ""
  package var socketFolder = ""
  /// Lends the memory of ``pages``.
  package var pagesDescriptor: Int32 = -1
  package var stages: [Stage]
  package var strategy = RestartStrategy.oneForOne
  package var pages: SharedPages
  package var deadLetterLimit = DeadLetterLimit.none
  package var request: (Incarnation) -> StartRequest
  /// Names the batch in hand of a page for a crash report: input file and line, where known.
  package var describeBatch: (StatisticsPage) -> String?
  package var limits = SupervisorStateMachine.Limits()
  /// Whoever started this process as a service.
  package var service: ServiceNotifier?
  /// Called once all workers have been ready.
  package var onReady: (() -> Void)?

  package init(
    topology: Topology, stages: [Stage], pages: SharedPages,
    request: @escaping (Incarnation) -> StartRequest,
    describeBatch: @escaping (StatisticsPage) -> String?
  ) {
    self.topology = topology
    self.stages = stages
    self.pages = pages
    self.request = request
    self.describeBatch = describeBatch
  }

  func name(of slot: SlotID) -> String { "\(stages[Int(slot.stage)].name).\(slot.index)" }
}
