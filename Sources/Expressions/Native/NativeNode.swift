/// One node of a program in the native subset; its operands are positions of other nodes.
struct NativeNode {
  enum Operation: UInt8 {
    case constant, dot
    /// A field of the record: `first` is its position among those read.
    case record
    /// The row that a lookup joined: `first` is the lookup's number.
    case join
    /// A field of what `first` yields: `second` is the name's number.
    case path
    case pipe, alternative, and, or, condition
    case equal, unequal, less, lessOrEqual, greater, greaterOrEqual
    case add, subtract, multiply, divide, remainder, negate
    /// An interpolated string: `second` list entries from `first` on.
    case concatenation
    /// An object: `second` list entries from `first` on, each a `member`.
    case object
    /// `value` is the key as it is written, with its colon.
    case member
    case select
    case not, toString, toNumber, length, round, floor, ceil, downcase, upcase
  }

  var operation: Operation
  var first: Int32 = 0
  var second: Int32 = 0
  var third: Int32 = 0
  /// A constant; a string's `bits` are its number until the code is finished.
  var value = NativeValue.null
}
