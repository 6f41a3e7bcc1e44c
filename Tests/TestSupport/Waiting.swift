import POSIXKit

/// Waits for something that sends no event, such as a file that appears.
package enum Waiting {
  package struct TookTooLong: Error, CustomStringConvertible {
    package let description: String
  }

  /// Looks every few milliseconds until the condition holds. Throws when the deadline comes first.
  package static func until(
    _ what: @autoclosure () -> String, within span: Duration = .seconds(30),
    _ condition: () throws -> Bool
  ) throws {
    let deadline = MonotonicClock.deadline(after: span)
    while try !condition() {
      if MonotonicClock.now() >= deadline { throw TookTooLong(description: "waited \(span) for \(what())") }
      try pause(.milliseconds(2))
    }
  }

  /// A turn of a loop whose moments are the test's own choice.
  package static func pause(_ span: Duration) throws {
    var poller = Poller()
    _ = try poller.wait(until: MonotonicClock.deadline(after: span))
  }
}
