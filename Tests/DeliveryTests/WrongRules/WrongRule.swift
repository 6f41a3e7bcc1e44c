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

  /// A source's header tells a low-water mark that it has not stored.
  case lowUnstored = "low=unstored"
  /// Only batches that were cut short are logged.
  case logShort = "log=short"
  /// Where a source ended, and that it is complete, is not journalled.
  case journalNone = "journal=none"
  /// A sink's dead letters are sent after its commit.
  case lettersLate = "sinkdead=after"
  /// Dead letters are appended.
  case lettersAppended = "deadkey=append"
  /// Deaths that we caused are counted against what was in hand.
  case blameAll = "blame=all"
  /// The first death over a record by itself condemns it.
  case condemnFirst = "ratt=1"
  /// Condemnations are forgotten when everything dies.
  case condemnMemory = "condemn=memory"
  /// Nobody but the commit looks whether the store has another owner.
  case fenceAtCommit = "fence=commit"
  /// Nobody looks at all.
  case fenceNone = "fence=none"
  /// Each source drains where it stands.
  case drainAtOwnHalt = "drain=own"

  /// A stage with custody derives its next number from what is left in its store.
  case numbersDerived = "nextseq=derived"
  /// That the state is flushed is not in the transaction.
  case flushUnmarked = "flushmark=false"

  /// What leaves a stage with custody is not yet durable.
  case releaseBefore = "release=before"
  /// Numbers that are missing in the store of a stage with custody are waited for.
  case holesKept = "holes=kept"
  /// Who is to leave is told by the number of its slot.
  case retiringBySlot = "retkey=slot"
  /// Workers are told of suspects by messages.
  case suspectsByControl = "suspect=ctl"
  /// Workers learn of a suspect from the one who sends it again.
  case suspectsByHeader = "suspect=header"

  /// Stands between a worker of this role and its machine; nil if the rule is not broken there.
  func saboteur(role: Topology.Role, stage: UInt16, credit: Int) -> (any Saboteur)? {
    switch self {
    case .takenApply: role.isOrdered ? WithheldCredit() : nil
    case .claimantsFirst: role == .source ? nil : FirstClaimantOnly()
    case .claimantsLast: role == .source ? nil : LastClaimantOnly()
    case .earlyDrop: role == .source ? nil : EarlyDataDropped()
    case .creditEntry: role == .sink ? nil : CreditTiedToEntry()
    case .dupUpReset: role == .sink ? nil : CreditResetBySecondUp(limit: credit)
    case .dupDoneBuffer: role.isOrdered ? DoneForBuffered(stage: stage) : nil
    case .orphansKeep: role == .source ? nil : DeathsAboveUnheard(isSink: role.isOrdered)
    case .staleAccept: role == .source ? nil : DeadDataAccepted()
    case .retiringBySlot: role == .source || role == .step ? RetiringBySlot() : nil
    case .staleDoneDrop: role == .sink ? nil : DeadDoneDropped()
    case .lowUnstored, .logShort, .journalNone, .lettersLate, .lettersAppended, .blameAll, .condemnFirst,
      .condemnMemory, .fenceAtCommit, .fenceNone, .drainAtOwnHalt,
      .numbersDerived, .flushUnmarked, .releaseBefore, .holesKept, .suspectsByControl, .suspectsByHeader:
      nil
    case .positionSent, .logNever, .commitAfterDone, .truncateNo, .mergeArrival, .endedUnannounced,
      .snapshotMissing:
      nil
    }
  }
}
