import CPOSIX
import Glibc

/// Waits for descriptors and the nearest deadline, and returns what it found: no callbacks.
///
/// The list is built anew for each wait, which is cheap for the hundreds of descriptors that a supervisor has
/// and leaves nothing to forget when one closes. Entries share a token where one owner has several
/// descriptors. For one thread.
package struct Poller: ~Copyable {
  /// What to wait for. Hang-ups and errors are always told.
  package struct Interest: OptionSet, Sendable {
    package let rawValue: Int16
    package init(rawValue: Int16) { self.rawValue = rawValue }
    package static let readable = Interest(rawValue: Int16(POLLIN))
    package static let writable = Interest(rawValue: Int16(POLLOUT))
  }

  /// One descriptor that is ready.
  package struct Ready: Equatable, Sendable {
    package var token: Int
    package var descriptor: Int32
    /// Something to read, the end included.
    package var readable: Bool
    package var writable: Bool
    /// The other side is gone, or the descriptor is broken.
    package var hungUp: Bool
  }

  private var entries: [cposix_poll_entry] = []
  private var tokens: [Int] = []

  package init() {}

  /// Forgets all entries, keeping the memory.
  package mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
  }

  /// Adds a lent descriptor. `token` comes back with it.
  package mutating func watch(_ descriptor: Int32, for interest: Interest = .readable, token: Int) {
    entries.append(cposix_poll_entry(descriptor: descriptor, wanted: interest.rawValue, found: 0))
    tokens.append(token)
  }

  /// Waits until a descriptor is ready or the deadline (of `MonotonicClock`; nil: none) has passed. A signal
  /// that interrupts the wait ends nothing. Returns what is ready, in the order of `watch`. Throws
  /// `SystemCallError`.
  package mutating func wait(until deadline: UInt64?) throws(SystemCallError) -> [Ready] {
    while true {
      var timeout: Int64 = -1
      if let deadline {
        let now = MonotonicClock.now()
        timeout = deadline <= now ? 0 : Int64(clamping: deadline - now)
      }
      let count = entries.withUnsafeMutableBufferPointer {
        cposix_poll($0.baseAddress, $0.count, timeout)
      }
      if count > 0 { return ready() }
      if count == 0 { return [] }
      if errno != EINTR { throw .last("ppoll", "\(entries.count) descriptors") }
    }
  }

  private func ready() -> [Ready] {
    var found: [Ready] = []
    for (index, entry) in entries.enumerated() where entry.found != 0 {
      let bits = Int32(entry.found)
      found.append(
        Ready(
          token: tokens[index], descriptor: entry.descriptor,
          readable: bits & (POLLIN | POLLHUP) != 0, writable: bits & POLLOUT != 0,
          hungUp: bits & (POLLHUP | POLLERR | POLLNVAL) != 0))
    }
    return found
  }

  /// Waits for one descriptor. False when the deadline came first. Throws `SystemCallError`.
  package static func wait(
    for descriptor: Int32, _ interest: Interest = .readable, until deadline: UInt64?
  ) throws(SystemCallError) -> Bool {
    var poller = Poller()
    poller.watch(descriptor, for: interest, token: 0)
    return try !poller.wait(until: deadline).isEmpty
  }
}
