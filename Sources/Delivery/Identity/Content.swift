/// A name for the bytes of a batch, which their owner keeps: the machines never see a byte.
///
/// Whoever hands a content to a machine gives it one reference; the machine gives it back with
/// ``DeliveryAction/release(_:)`` exactly once.
package struct Content: Hashable, Sendable {
  package var rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }
}
