/// Follows the quoting of CSV byte by byte, for texts where quotes are dense.
///
/// A shift-based automaton (after Per Vognsen): a byte's class selects a word that holds the next state for
/// each state, and the state is the distance to shift it by. So a byte costs two dependent instructions and no
/// branch that could be mispredicted, wherever the quotes are.
enum QuoteScan {
  static let fieldStart: UInt64 = 0
  static let unquoted: UInt64 = 6
  static let quoted: UInt64 = 12
  /// Behind a quote inside quotes: it closed them, or is the first half of a doubled one.
  static let quoteSeen: UInt64 = 18

  @inline(__always)
  private static func row(_ start: UInt64, _ plain: UInt64, _ inside: UInt64, _ seen: UInt64) -> UInt64 {
    start << fieldStart | plain << unquoted | inside << quoted | seen << quoteSeen
  }

  /// The state behind `byte`.
  @inline(__always)
  static func next(_ state: UInt64, _ byte: UInt8, _ delimiter: UInt8) -> UInt64 {
    let onQuote = row(quoted, unquoted, quoteSeen, quoted)
    let onEnd = row(fieldStart, fieldStart, quoted, fieldStart)
    let onOther = row(unquoted, unquoted, quoted, unquoted)
    let word = byte == 0x22 ? onQuote : byte == delimiter || byte == 0x0A ? onEnd : onOther
    return (word &>> state) & 63
  }

  /// Counts from `position`, which is behind a closing quote, to the end; false if a quote is open there.
  static func finish(_ scan: inout CSVCutScan, from position: Int, _ delimiter: UInt8) -> Bool {
    let base = scan.base
    var state = quoteSeen
    var index = position
    while index < scan.count {
      let byte = base.load(fromByteOffset: index, as: UInt8.self)
      let before = state
      state = next(state, byte, delimiter)
      index &+= 1
      if byte == 0x0A {
        if before == quoted {
          scan.pendingLines &+= 1
        } else {
          scan.outside(index &- 1, index)
        }
      }
    }
    return state != quoted
  }
}
