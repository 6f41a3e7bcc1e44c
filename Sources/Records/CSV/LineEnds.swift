/// Counts line ends and, among them, those of lines that hold nothing but a CR.
enum LineEnds {
  /// Looks at the two bytes before `from` too, where the buffer has them.
  @inline(__always)
  static func count(_ base: UnsafeRawPointer, _ from: Int, _ to: Int) -> (ends: Int, blanks: Int) {
    var ends = 0
    var blanks = 0
    var index = from
    if to &- from >= 64 {
      // The vectors look two bytes back.
      while index < max(from, 2) { scalar(base, index, &ends, &blanks); index &+= 1 }
      vectors(base, &index, to, &ends, &blanks)
    }
    while index < to {
      scalar(base, index, &ends, &blanks)
      index &+= 1
    }
    return (ends, blanks)
  }

  @inline(__always)
  private static func scalar(_ base: UnsafeRawPointer, _ index: Int, _ ends: inout Int, _ blanks: inout Int) {
    @inline(__always) func byte(_ at: Int) -> UInt8 {
      at < 0 ? 0x0A : base.load(fromByteOffset: at, as: UInt8.self)
    }
    guard byte(index) == 0x0A else { return }
    ends &+= 1
    let before = byte(index &- 1)
    if before == 0x0A || (before == 0x0D && byte(index &- 2) == 0x0A) { blanks &+= 1 }
  }

  private static func vectors(
    _ base: UnsafeRawPointer, _ index: inout Int, _ to: Int, _ ends: inout Int, _ blanks: inout Int
  ) {
    typealias Lanes = SIMD16<UInt8>
    let newline = Lanes(repeating: 0x0A)
    let carriageReturn = Lanes(repeating: 0x0D)
    while to &- index >= 16 {
      let rounds = min(255, (to &- index) / 16)
      var endLanes = Lanes(repeating: 0)
      var blankLanes = Lanes(repeating: 0)
      for _ in 0..<rounds {
        let here = base.loadUnaligned(fromByteOffset: index, as: Lanes.self)
        let before = base.loadUnaligned(fromByteOffset: index &- 1, as: Lanes.self)
        let twoBefore = base.loadUnaligned(fromByteOffset: index &- 2, as: Lanes.self)
        let isEnd = here .== newline
        let isBlank =
          isEnd .& ((before .== newline) .| ((before .== carriageReturn) .& (twoBefore .== newline)))
        endLanes &-= unsafeBitCast(isEnd, to: Lanes.self)
        blankLanes &-= unsafeBitCast(isBlank, to: Lanes.self)
        index &+= 16
      }
      ends &+= Int(SIMD16<UInt16>(truncatingIfNeeded: endLanes).wrappedSum())
      blanks &+= Int(SIMD16<UInt16>(truncatingIfNeeded: blankLanes).wrappedSum())
    }
  }
}
