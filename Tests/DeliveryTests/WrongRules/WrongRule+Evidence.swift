import Delivery

/// Which wrong rules show, and where.
///
/// Failing schedules out of 300 for each fixed shape and for 75 drawn pipelines of 4 each (`DELIVERY_SURVEY`
/// counts anew):
///
/// | rule | linear | two | diamond | fan | fanin | selfdiamond | letters | drawn | mostly as |
/// | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
/// | taken=apply | 11 | 28 | 126 | 15 | 73 | 17 | 85 | 43 | stuck |
/// | claimants=first | 10 | 20 | 35 | 12 | 23 | 16 | 20 | 18 | stuck |
/// | claimants=last | 0 | 1 | 3 | 0 | 1 | 0 | 3 | 1 | stuck, leftover |
/// | early=drop | 63 | 60 | 95 | 79 | 95 | 83 | 100 | 77 | stuck |
/// | credit=entry | 2 | 3 | 2 | 1 | 5 | 1 | 5 | 9 | stuck |
/// | dupUp=reset | 158 | 149 | 252 | 195 | 252 | 216 | 231 | 252 | violation |
/// | position=sent | 269 | 268 | 291 | 272 | 295 | 289 | 289 | 290 | violation |
/// | log=never | 40 | 36 | 49 | 47 | 59 | 52 | 59 | 53 | recut |
/// | log=short | 30 | 17 | 34 | 34 | 42 | 38 | 43 | 41 | recut |
/// | dupdone=buffer | 4 | 6 | 69 | 9 | 37 | 13 | 14 | 18 | tally, stuck, violation |
/// | orphans=keep | 90 | 118 | 192 | 94 | 166 | 103 | 132 | 126 | orphans |
/// | commit=after done | 13 | 7 | 12 | 8 | 12 | 16 | 16 | 12 | stuck, violation |
/// | truncate=no | 44 | 27 | 87 | 67 | 48 | 98 | 100 | 96 | doubled |
/// | merge=arrival | 176 | 200 | 292 | 248 | 298 | 292 | 289 | 275 | records |
/// | ended=unannounced | 0 | 0 | 0 | 0 | 243 | 0 | 239 | 100 | stuck |
/// | snapshot=missing | 0 | 0 | 0 | 0 | 114 | 0 | 104 | 49 | stuck |
/// | stale=accept | 5 | 10 | 30 | 6 | 18 | 13 | 9 | 8 | orphans |
/// | staledone=drop | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | - |
/// | low=unstored | 5 | 0 | 4 | 6 | 1 | 5 | 3 | 2 | tally |
/// | journal=none | 0 | 0 | 0 | 0 | 3 | 0 | 7 | 2 | order |
/// | sinkdead=after | 0 | 0 | 0 | 0 | 0 | 0 | 184 | 60 | violation, letters lost |
/// | deadkey=append | 0 | 0 | 0 | 0 | 0 | 0 | 72 | 25 | letters doubled |
/// | blame=all | 7 | 4 | 23 | 20 | 4 | 16 | 4 | 0 | tally |
/// | ratt=1 | 3 | 2 | 14 | 10 | 9 | 11 | 8 | 0 | tally |
/// | condemn=memory | 2 | 2 | 5 | 6 | 5 | 4 | 2 | 1 | condemned |
/// | fence=commit | 7 | 3 | 4 | 5 | 8 | 8 | 5 | 7 | doubled |
/// | fence=none | 7 | 3 | 10 | 9 | 10 | 11 | 6 | 7 | doubled, lost |
/// | drain=own | 0 | 0 | 0 | 0 | 21 | 0 | 17 | 1 | stuck |
///
/// Those of custody show in `custody`: `nextseq=derived` (as renumbered) and `flushmark=false` within 10 schedules,
/// `holes=kept` (stuck) within 100, `release=before` (other records than were stored) within 300. `retkey=slot`
/// (stuck) shows in `linear` within 10, `suspect=ctl` (more than five deaths over a batch as a whole) in `two`
/// after some thousand.
///
/// `staledone=drop` shows nowhere: the sender hears of the death, sends the batch again and is answered
/// again, so it costs work, not records. It would matter where the second answer cannot come. Nor does
/// `suspect=header`, because the supervisor warns the senders before it announces the death to them, on one
/// channel: it is how workers on other machines are told. A report that is lost with its sender is not a rule but a
/// parameter of the right ones, which must bear it. `ended=unannounced` shows only where streams of several
/// origins meet: those of one end together.
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
