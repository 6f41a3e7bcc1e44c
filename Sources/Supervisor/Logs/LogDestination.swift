import POSIXKit

/// Where a run's log goes. For the supervisor's one thread: nothing here waits but ``close()``, which has a
/// deadline; what a destination can't take is dropped and counted.
package protocol LogDestination: AnyObject {
  /// Takes a record as it is to be read, which may have several lines.
  func write(_ text: String)
  /// Lists the descriptors that it waits for, if any.
  func watch(in poller: inout Poller, token: Int)
  /// Goes on with what could not be done at once.
  func proceed() throws(SystemCallError)
  /// Finishes what was taken, for a second at most, and says what was dropped.
  func close()
}
