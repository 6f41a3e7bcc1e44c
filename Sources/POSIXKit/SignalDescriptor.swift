import CPOSIX
import Glibc

/// Signals as something to poll: they are blocked in this thread and read one by one, so no code runs inside
/// a signal handler.
///
/// Open it before any other thread starts. Children get an empty mask all the same (see CPOSIX).
package struct SignalDescriptor: ~Copyable {
  package let descriptor: Descriptor
  private let signals: [Int32]

  /// A signal that arrived.
  package struct Arrival: Equatable, Sendable {
    package var signal: Int32
    /// The process that sent it; 0 for the kernel (a terminal's Ctrl-C).
    package var sender: Int32
  }

  /// Throws `SystemCallError`.
  package init(_ signals: [Int32]) throws(SystemCallError) {
    let opened = cposix_signalfd(signals, Int32(signals.count))
    guard opened >= 0 else { throw .last("signalfd") }
    descriptor = Descriptor(owning: opened)
    self.signals = signals
  }

  /// All signals that have arrived since the last call. Never waits. Throws `SystemCallError`.
  package func read() throws(SystemCallError) -> [Arrival] {
    var arrivals: [Arrival] = []
    while true {
      var sender: pid_t = 0
      let signal = cposix_read_signal(descriptor.raw, &sender)
      if signal < 0 { throw .last("read", "signal descriptor") }
      if signal == 0 { return arrivals }
      arrivals.append(Arrival(signal: signal, sender: sender))
    }
  }

  /// Holds signals back until a descriptor for them is read, so that none is missed, or ends the process, before
  /// there is one. Throws `SystemCallError`.
  package static func hold(_ signals: [Int32]) throws(SystemCallError) {
    guard cposix_hold_signals(signals, Int32(signals.count)) == 0 else { throw .last("pthread_sigmask") }
  }

  /// Default disposition, and unblocked: to die by a signal as if it had never been caught. Throws
  /// `SystemCallError`.
  package static func restoreDefault(_ signal: Int32) throws(SystemCallError) {
    guard cposix_reset_signal(signal) == 0 else { throw .last("sigaction", "signal \(signal)") }
  }

  /// Whether this process, or what started it, has the signal ignored.
  package static func isIgnored(_ signal: Int32) -> Bool { cposix_is_ignored(signal) == 1 }

  /// Throws `SystemCallError`.
  package static func ignore(_ signal: Int32) throws(SystemCallError) {
    guard cposix_ignore_signal(signal) == 0 else { throw .last("sigaction", "signal \(signal)") }
  }
}
