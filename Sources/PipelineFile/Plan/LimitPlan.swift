/// What a stage's workers may use, and when one is replaced by a fresh one.
package struct LimitPlan: Codable, Sendable, Equatable {
  /// Resident bytes over which a worker is replaced without a gap; nil: no limit.
  package var softMemory: UInt64?
  /// Resident bytes over which it is killed.
  package var hardMemory: UInt64?
  /// What is added to the workers' niceness: 0 to 19, below 0 with a privilege.
  package var nice: Int?
  /// Processors that the workers may run on, ascending; nil: all.
  package var cpus: [Int]?
  /// The most descriptors of a worker.
  package var files: UInt64?
  /// Batches after which a worker is replaced by a fresh one.
  package var recycleBatches: UInt64?
  /// Nanoseconds after which it is.
  package var recycleTime: UInt64?

  package init() {}
}

/// Who is restarted together with a worker that died.
package enum StrategyChoice: String, Codable, Sendable, CaseIterable {
  case oneForOne = "one-for-one"
  case restForOne = "rest-for-one"
  case oneForAll = "one-for-all"
}
