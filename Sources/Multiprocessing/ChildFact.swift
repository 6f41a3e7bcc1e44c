import POSIXKit

/// Something that a parent learnt of a child.
package enum ChildFact: Equatable, Sendable {
  /// It exists now. Told only where `start` could not know yet (forkserver).
  case started(pid: Int32)
  /// It will never exist (forkserver). The last fact.
  case startFailed(StartError)
  /// A message on the control channel.
  case message([UInt8])
  /// Bytes of a captured stream, as they came.
  case output(OutputStream, [UInt8])
  /// The child closed its end of the control channel, or ended.
  case controlClosed
  /// The control channel can't be used any more.
  case controlFailed(ControlError)
  /// It has ended, its group with it, and was reaped. All it said before comes first. The last fact.
  case exited(ExitStatus, ResourceUsage)
}

/// A captured stream.
package enum OutputStream: String, Sendable, CaseIterable {
  case standardOutput = "stdout"
  case standardError = "stderr"
}
