/// A source of yours that reads what comes once: a queue, a socket, a device.
///
/// What it takes is stored in the run's state before anything is made of it, so that nothing is lost with the
/// worker; ``kept()`` tells when that is done, for an outside that wants to know. One value of the type lives in
/// the stage's only worker, on its one thread. It never ends by itself.
public protocol LiveSource: Configurable {
  /// Called in the worker before the first read, of each incarnation.
  mutating func start(_ worker: WorkerInfo) throws

  /// Appends what has come by now, without waiting for more. Says when to look again.
  ///
  /// What is thrown ends the worker, which is started again as the stage's `restart` says; ``RunFailure`` ends
  /// the run.
  mutating func take(into output: inout SourceOutput) throws -> LiveReading

  /// All that ``take(into:)`` has appended is durable: an outside that keeps it until it is acknowledged may
  /// forget it. Where a death comes between the two, such an outside gives it once more, and it is doubled.
  mutating func kept() throws
}

extension LiveSource {
  /// Does nothing.
  public mutating func start(_ worker: WorkerInfo) throws {}

  /// Does nothing.
  public mutating func kept() throws {}
}

/// When a ``LiveSource`` is to be asked again.
public enum LiveReading: Sendable {
  /// At once: there is more.
  case more
  /// When this descriptor is readable, or after this time if it is given.
  case readable(descriptor: Int32, orAfter: Duration?)
  /// After this time.
  case after(Duration)
}
