extension ProcessPool.StateMachine {
  package enum SlotState: Hashable, Sendable {
    case backoff(until: UInt64)
    case starting(deadline: UInt64)
    case working
    /// Told to leave; killed at the deadline.
    case leaving(deadline: UInt64)
    /// Told to die; its exit is awaited.
    case killed
    case over
  }

  /// What a slot's worker has, in the order in which it works on it.
  struct Given: Hashable, Sendable {
    var handing: PoolHanding
    /// How many of its tasks have ended.
    var done = 0
    /// It was asked for and could not be had back.
    var isBegun = false

    var pending: Range<Int> { (handing.range.lowerBound + done)..<handing.range.upperBound }
  }

  package struct Slot: Hashable, Sendable {
    package internal(set) var epoch: UInt32 = 0
    package internal(set) var state = SlotState.over
    var given: [Given] = []
    /// Handings of this life that have ended.
    var chunks = 0
    /// Handings of this life that were sent.
    var handed = 0
    /// Something was recalled from it. What it has not begun and what it must still pass by stand in one line, whose
    /// length is bounded: it gets nothing new before it has done all that it has.
    var hasGivenBack = false
    /// Its worker writes what it is at, and lets go of what it has not begun.
    var hasPage = false
    var readyAt: UInt64?
    /// Lives in a row that ended before they were of use.
    var failedStarts = 0
    /// When the first of what it has was last known to get on.
    var progressAt: UInt64 = 0
    /// When the task that it is at must be looked at.
    var lookAt: UInt64?
    /// What it was killed for.
    var overdue: TaskInHand?

    var isFree: Bool { given.isEmpty && state == .working }

    var isAlive: Bool {
      switch state {
      case .starting, .working, .leaving, .killed: true
      case .backoff, .over: false
      }
    }
  }

  /// The tasks that were submitted under one number and share their options.
  struct Job: Hashable, Sendable {
    /// Deaths that each task may cause without coming to nothing.
    var retries: Int
    /// Nanoseconds that each task may take.
    var limit: UInt64?
    /// Tasks that have not ended.
    var open = 0
    /// No more are coming.
    var isSealed = false
    /// By task: how often its worker died over it, and how often its worker died before it.
    var deaths: [Int: Int] = [:]
    var nearDeaths: [Int: Int] = [:]
  }
}
