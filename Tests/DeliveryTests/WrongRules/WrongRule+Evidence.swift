import Delivery

/// Which wrong rules show, and where.
///
/// Failing schedules out of 1,000 for each topology (`DELIVERY_SURVEY=1000`):
///
/// | rule | linear | two | diamond | fan | fanin | selfdiamond | mostly as |
/// | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |
/// | taken=apply | 49 | 130 | 500 | 83 | 317 | 45 | stuck |
/// | claimants=first | 65 | 70 | 153 | 72 | 154 | 99 | stuck |
/// | claimants=last | 0 | 10 | 27 | 2 | 6 | 2 | leftover, stuck |
/// | early=drop | 369 | 359 | 442 | 394 | 528 | 405 | stuck |
/// | credit=entry | 7 | 3 | 11 | 8 | 14 | 11 | stuck |
/// | dupUp=reset | 510 | 523 | 648 | 516 | 749 | 574 | violation |
/// | position=sent | 365 | 316 | 393 | 379 | 497 | 446 | violation, tally |
/// | log=never | 98 | 93 | 102 | 111 | 159 | 127 | recut |
/// | dupdone=buffer | 4 | 2 | 26 | 5 | 109 | 33 | violation, stuck |
/// | orphans=keep | 302 | 355 | 496 | 326 | 491 | 384 | orphans |
/// | commit=after done | 35 | 24 | 32 | 62 | 60 | 46 | violation, stuck |
/// | truncate=no | 137 | 100 | 148 | 212 | 185 | 207 | doubled |
/// | merge=arrival | 594 | 604 | 967 | 644 | 985 | 966 | order |
/// | ended=unannounced | 0 | 0 | 0 | 0 | 906 | 0 | stuck |
/// | snapshot=missing | 0 | 0 | 0 | 0 | 197 | 0 | stuck |
/// | stale=accept | 21 | 37 | 77 | 31 | 56 | 39 | orphans |
/// | staledone=drop | 0 | 0 | 0 | 0 | 0 | 0 | - |
///
/// `staledone=drop` shows nowhere: the sender hears of the death, sends the batch again and is answered
/// again, so it costs work, not records. It would matter where the second answer cannot come. Nor does
/// `ended=unannounced` outside `fanin`: streams of one origin end together.
extension WrongRule {
  static let observable = allCases.filter { $0 != .staleDoneDrop && $0 != .suspectsByHeader }

  /// The topologies that show it, the likeliest first.
  var shapes: [Shape] {
    switch self {
    case .endedUnannounced, .snapshotMissing, .drainAtOwnHalt: [.fanin, .letters]
    case .lettersLate, .lettersAppended, .journalNone, .fenceNone, .fenceAtCommit: [.letters, .fanin]
    case .numbersDerived, .flushUnmarked, .releaseBefore, .holesKept: [.custody]
    case .suspectsByControl: [.two, .letters, .linear]
    case .lowUnstored, .blameAll, .condemnFirst, .condemnMemory: [.diamond, .fan]
    case .claimantsLast: [.diamond, .two]
    case .mergeArrival, .takenApply, .claimantsFirst: [.diamond, .fanin, .linear]
    case .creditEntry, .dupDoneBuffer, .staleAccept: [.fanin, .diamond]
    default: [.linear, .fanin]
    }
  }

  /// The most seeds of one topology that it may take; several times what was observed.
  var seedLimit: UInt64 {
    switch self {
    case .suspectsByControl: 10_000
    case .claimantsLast, .creditEntry, .journalNone, .lowUnstored, .condemnMemory: 1_500
    default: 500
    }
  }
}
