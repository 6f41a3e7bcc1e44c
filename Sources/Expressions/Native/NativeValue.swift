/// A value of the native evaluator: a scalar, or a view of bytes that outlive the record in hand.
///
/// Trivially copyable: the evaluator passes values around without counting references.
package struct NativeValue {
  /// The first seven stand in jq's order of kinds.
  package enum Kind: UInt8, Comparable {
    case null, no, yes, number, string, array, object
    /// The record itself.
    case input
    /// A table's row; `bits` points to its fields.
    case joined
    /// An unquoted CSV cell whose kind is not decided yet.
    case cell
    /// The content of a quoted CSV cell, its quotes still doubled.
    case quotedCell
    /// The content of a JSON string with escapes.
    case escaped
    /// No value: the record was dropped.
    case none
    /// The evaluator cannot tell: libjq has to.
    case bail

    @inline(__always)
    package static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  package let kind: Kind
  /// Bytes of a string.
  let count: Int
  /// A number's bits, or an address.
  let bits: UInt64

  @inline(__always)
  init(_ kind: Kind, count: Int = 0, bits: UInt64 = 0) {
    self.kind = kind
    self.count = count
    self.bits = bits
  }

  @inline(__always)
  init(_ number: Double) {
    self.init(.number, bits: number.bitPattern)
  }

  @inline(__always)
  init(_ truth: Bool) {
    self.init(truth ? .yes : .no)
  }

  @inline(__always)
  init(_ kind: Kind, _ bytes: UnsafeRawBufferPointer) {
    self.init(kind, count: bytes.count, bits: UInt64(UInt(bitPattern: bytes.baseAddress)))
  }

  init(_ text: StaticString) {
    self.init(.string, UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A row whose fields lie at `fields`, in the order of the program's path names.
  package init(row fields: UnsafePointer<NativeValue>) {
    self.init(.joined, bits: UInt64(UInt(bitPattern: fields)))
  }

  package static var null: NativeValue { NativeValue(.null) }
  package static var bail: NativeValue { NativeValue(.bail) }

  @inline(__always)
  var number: Double { Double(bitPattern: bits) }

  @inline(__always)
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(bits)), count: count)
  }

  var fields: UnsafePointer<NativeValue> { UnsafePointer(bitPattern: UInt(bits))! }

  /// Whether jq takes it for true.
  @inline(__always)
  var isTrue: Bool { kind > .no }

  /// Where it stands in jq's order of kinds; nil where that is not known.
  @inline(__always)
  var rank: UInt8? {
    if kind <= .object { return kind.rawValue }
    return kind == .input || kind == .joined ? Kind.object.rawValue : nil
  }
}
