import Delivery

/// Which wrong rules show, and where.
///
/// Failing schedules, summed over the six topologies, 1,000 seeds each:
///
/// @TABLE@
///
/// `staledone=drop` shows nowhere: a batch whose `done` is dropped is still assigned to the dead
/// incarnation or to a later one, so it is sent again and answered again. It costs work, not records. It
/// would matter where the answer cannot come twice, as with a retired slot, which is not simulated here.
extension WrongRule {
  static let observable = allCases.filter { $0 != .staleDoneDrop }

  /// The topologies that show it, the likeliest first.
  var shapes: [Shape] {
    switch self {
    case .endedUnannounced, .snapshotMissing: [.fanin]
    case .claimantsLast: [.diamond, .fanin]
    case .mergeArrival, .takenApply, .claimantsFirst: [.diamond, .fanin, .linear]
    default: [.linear, .fanin, .diamond]
    }
  }

  /// The most seeds of one topology that it may take; several times what was observed.
  var seedLimit: UInt64 {
    switch self {
    case .dupDoneBuffer: 3_000
    case .claimantsLast, .creditEntry: 1_500
    default: 500
    }
  }
}
