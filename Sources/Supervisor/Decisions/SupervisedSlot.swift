import Delivery

extension SupervisorStateMachine {
  /// Why a worker was killed.
  package enum KillCause: Hashable, Sendable {
    /// It did not become ready, or did not leave when it was told to; or the whole run ends.
    case request
    /// It was at one thing for too long, and that is to blame.
    case overdue
    /// It used more memory than its stage allows.
    case memory
  }

  package enum SlotState: Hashable, Sendable {
    case starting(deadline: UInt64)
    case running
    /// Gets nothing new, and leaves when it has finished what it has.
    case retiring(deadline: UInt64)
    case stopping(deadline: UInt64)
    case backoff(until: UInt64)
    /// Told to dump its core, because it hangs; killed at the deadline.
    case aborting(deadline: UInt64)
    /// Told to die; its exit is awaited.
    case killed(KillCause)
    /// Died too often: left alone until somebody asks for its restart.
    case parked
    case over
  }

  /// What a slot is there for.
  package enum Duty: Hashable, Sendable {
    /// Nothing: its stage may be scaled up to it.
    case none
    case regular
    /// Works while another is replaced.
    case standIn
  }

  /// What becomes of a slot whose worker was asked to leave.
  package enum Departure: Hashable, Sendable {
    /// It is started again, not before this time.
    case again(at: UInt64)
    case forGood
  }

  package struct Slot: Sendable {
    package let id: SlotID
    package internal(set) var duty: Duty
    package internal(set) var epoch: UInt32 = 0
    package internal(set) var state: SlotState = .over
    package internal(set) var startedAt: UInt64 = 0
    package internal(set) var restarts = 0
    var history = RestartHistory()
    var departure: Departure?
    /// A source that is complete or a sink that has finished: needs no replacement.
    package internal(set) var hasReported = false

    init(id: SlotID, duty: Duty) {
      self.id = id
      self.duty = duty
    }

    var incarnation: Incarnation { Incarnation(slot: id, epoch: epoch) }

    package var isAlive: Bool {
      switch state {
      case .starting, .running, .retiring, .stopping, .aborting, .killed: true
      case .backoff, .parked, .over: false
      }
    }

    /// Ready, and neither dead nor told to die: its neighbours may talk to it.
    var isAnnounced: Bool {
      switch state {
      case .running, .retiring, .stopping: true
      case .starting, .backoff, .aborting, .killed, .parked, .over: false
      }
    }

    /// Ready, and not told to leave.
    package var isAtWork: Bool { state == .running }

    var isRetiring: Bool {
      if case .retiring = state { return true }
      return false
    }

    /// When the machine must act on its state.
    var deadline: UInt64? {
      switch state {
      case .starting(let deadline), .retiring(let deadline), .stopping(let deadline), .aborting(let deadline):
        deadline
      case .backoff(let until): until
      case .running, .killed, .parked, .over: nil
      }
    }
  }
}

extension SupervisorStateMachine.SlotState {
  var isStarting: Bool {
    if case .starting = self { return true }
    return false
  }

  /// What the supervisor killed it for, where it did.
  var killCause: SupervisorStateMachine.KillCause? {
    switch self {
    case .killed(let cause): cause
    case .aborting: .overdue
    case .starting, .running, .retiring, .stopping, .backoff, .parked, .over: nil
    }
  }
}
