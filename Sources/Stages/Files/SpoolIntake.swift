import POSIXKit

/// Where the bytes of a spool come from.
package protocol SpoolIntake: AnyObject {
  /// Takes what there is, without waiting, and about so many bytes at most: whole records, or any part of a
  /// stream.
  func take(into spool: Spool, atMost count: Int) throws(StageFailure)
  /// What was taken is durable: nobody needs to keep it for this run any more.
  func kept() throws(StageFailure)
  /// When to ask again where there was nothing: when this descriptor is readable, or at this time.
  var next: (descriptor: Int32?, deadline: UInt64?) { get }
}

/// A stream that can be read once.
final class StreamIntake: SpoolIntake {
  private let input: Descriptor
  private let name: String

  init(_ input: consuming Descriptor, name: String) {
    self.input = input
    self.name = name
  }

  func take(into spool: Spool, atMost count: Int) throws(StageFailure) {
    do { try spool.take(from: input.raw, atMost: count) } catch {
      throw StageFailure("\(name): error: it can't be spooled: \(error)")
    }
  }

  func kept() throws(StageFailure) {}

  var next: (descriptor: Int32?, deadline: UInt64?) { (input.raw, nil) }
}
