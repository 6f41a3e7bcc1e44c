import CZeroMQ
import Glibc

/// Waits for sockets and plain descriptors together.
///
/// Its storage is kept from wait to wait. It does not own what it watches: take a socket or descriptor out
/// (`removeAll` and add the rest) before closing it. For one thread, the one that uses the sockets.
package struct Poller: ~Copyable {
  /// What to wait for, and what was found.
  package struct Events: OptionSet, Sendable {
    package let rawValue: CShort
    package init(rawValue: CShort) { self.rawValue = rawValue }

    package static let readable = Events(rawValue: CShort(ZMQ_POLLIN))
    package static let writable = Events(rawValue: CShort(ZMQ_POLLOUT))
    /// An error or hang-up; plain descriptors only, and reported whether asked for or not.
    package static let failed = Events(rawValue: CShort(ZMQ_POLLERR))
  }

  private var items: [zmq_pollitem_t] = []

  /// Makes a poller that grows beyond `capacity` items only when it must.
  package init(capacity: Int = 16) {
    items.reserveCapacity(capacity)
  }

  /// How many items it watches.
  package var count: Int { items.count }

  /// Watches a socket; returns its index.
  @discardableResult
  package mutating func add(_ socket: borrowing Socket, _ events: Events = .readable) -> Int {
    items.append(zmq_pollitem_t(socket: socket.pointer, fd: 0, events: events.rawValue, revents: 0))
    return items.count - 1
  }

  /// Watches a plain descriptor; returns its index.
  @discardableResult
  package mutating func add(descriptor: CInt, _ events: Events = .readable) -> Int {
    items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: events.rawValue, revents: 0))
    return items.count - 1
  }

  /// Changes what the item at `index` is watched for; an empty set pauses it.
  package mutating func setEvents(at index: Int, _ events: Events) {
    items[index].events = events.rawValue
  }

  /// Watches nothing, and keeps its storage.
  package mutating func removeAll() {
    items.removeAll(keepingCapacity: true)
  }

  /// Waits until an item is ready, for at most `milliseconds` (nil: without end); returns how many are.
  ///
  /// Returns 0 when the time is over, and also when a signal came in between: look at the clock again.
  /// Fails with `ENOTSOCK` or `ETERM` when a socket or the context is gone.
  package mutating func wait(milliseconds: Int?) throws(ZeroMQError) -> Int {
    let count = items.withUnsafeMutableBufferPointer {
      zmq_poll($0.baseAddress, CInt($0.count), milliseconds.map { max(0, $0) } ?? -1)
    }
    if count >= 0 { return Int(count) }
    for index in items.indices { items[index].revents = 0 }
    guard zmq_errno() == EINTR else { throw .last("zmq_poll") }
    return 0
  }

  /// What the last wait found of the item at `index`.
  package func ready(at index: Int) -> Events {
    Events(rawValue: items[index].revents)
  }
}
