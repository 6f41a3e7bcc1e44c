import Delivery

/// A rule of the protocol, broken: the simulator must notice.
///
/// Some are broken by a saboteur around the machines, the others by the simulated workers or supervisor,
/// which follow the rules that the real ones must follow.
enum WrongRule: String, CaseIterable, Sendable {
  /// An ordered receiver returns credit only for what it has applied.
  case takenApply = "taken=apply"
  /// Only the first of those who sent a batch is answered.
  case claimantsFirst = "claimants=first"
  /// Only the last of those who sent a batch is answered.
  case claimantsLast = "claimants=last"
  /// Data from an incarnation that was not announced yet is dropped.
  case earlyDrop = "early=drop"
  /// `taken` for what is no longer in the outbox does not return credit.
  case creditEntry = "credit=entry"
  /// A second announcement of the same incarnation resets its credit.
  case dupUpReset = "dupUp=reset"
  /// A source resumes after what it sent.
  case positionSent = "position=sent"
  /// Batch boundaries that arrival decides are not logged.
  case logNever = "log=never"
  /// A sink answers `done` at once for what it has in its buffer.
  case dupDoneBuffer = "dupdone=buffer"
  /// What only the dead claimed is kept.
  case orphansKeep = "orphans=keep"
  /// A sink answers `done`, then commits.
  case commitAfterDone = "commit=after done"
  /// A restarted sink appends to what its predecessor wrote and did not commit.
  case truncateNo = "truncate=no"
  /// A sink writes in the order of arrival.
  case mergeArrival = "merge=arrival"
  /// Sinks are not told where a source ended.
  case endedUnannounced = "ended=unannounced"
  /// A restarted sink is not told again.
  case snapshotMissing = "snapshot=missing"
  /// Data from a dead incarnation is accepted.
  case staleAccept = "stale=accept"
  /// `done` from a dead incarnation is dropped.
  case staleDoneDrop = "staledone=drop"

  /// Stands between a worker of this role and its machine; nil if the rule is not broken there.
  func saboteur(role: Topology.Role, stage: UInt16, credit: Int) -> (any Saboteur)? {
    switch self {
    case .takenApply: role == .sink ? WithheldCredit() : nil
    case .claimantsFirst: role == .source ? nil : FirstClaimantOnly()
    case .claimantsLast: role == .source ? nil : LastClaimantOnly()
    case .earlyDrop: role == .source ? nil : EarlyDataDropped()
    case .creditEntry: role == .sink ? nil : CreditTiedToEntry()
    case .dupUpReset: role == .sink ? nil : CreditResetBySecondUp(limit: credit)
    case .dupDoneBuffer: role == .sink ? DoneForBuffered(stage: stage) : nil
    case .orphansKeep: role == .source ? nil : DeathsAboveUnheard(isSink: role == .sink)
    case .staleAccept: role == .source ? nil : DeadDataAccepted()
    case .staleDoneDrop: role == .sink ? nil : DeadDoneDropped()
    case .positionSent, .logNever, .commitAfterDone, .truncateNo, .mergeArrival, .endedUnannounced,
      .snapshotMissing:
      nil
    }
  }
}
