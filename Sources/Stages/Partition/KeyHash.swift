import Delivery
import Records

/// The hash of a record's key, which says where the record goes; the same in every process and release.
///
/// `StableHash` over two words: the kind, then the value. Kinds are 0 null, 1 false, 2 true, 3 number, 4 string,
/// 5 array or object. A number's value is the bit pattern of its Double, zero always positive; a string's the
/// hash of its UTF-8 bytes; that of an array or object the hash of its compact JSON text with sorted keys. So CSV
/// `7`, JSON `7.0` and `7e0` are one key, and the text `7` is another.
package enum KeyHash {
  package static let null = hash(0, 0)

  package static func of(_ truth: Bool) -> UInt64 { hash(truth ? 2 : 1, 0) }

  package static func of(_ number: Double) -> UInt64 {
    // As jq writes them: no number is null, and infinities are the largest numbers.
    if number.isNaN { return null }
    let most = Double.greatestFiniteMagnitude
    let finite = min(max(number, -most), most)
    return hash(3, finite == 0 ? 0 : finite.bitPattern)
  }

  /// A string's UTF-8 bytes.
  package static func of(string bytes: UnsafeRawBufferPointer) -> UInt64 {
    hash(4, StableHash.hash(of: bytes))
  }

  /// The canonical text of an array or object.
  package static func of(nested bytes: UnsafeRawBufferPointer) -> UInt64 {
    hash(5, StableHash.hash(of: bytes))
  }

  private static func hash(_ kind: UInt64, _ value: UInt64) -> UInt64 {
    var hash = StableHash()
    hash.combine(kind)
    hash.combine(value)
    return hash.finish()
  }
}
