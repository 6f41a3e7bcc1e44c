import CPOSIX

/// How a process ended, by the convention of Python's `exitcode`.
package struct ExitStatus: Equatable, Hashable, Sendable, Codable, CustomStringConvertible {
  /// N for exit N, -N for signal N.
  package var code: Int32

  package init(code: Int32) { self.code = code }

  /// Of a child whose fork server died in a process that is no subreaper (`AdoptedProcesses`): nobody was told.
  /// 255, as in Python.
  package static let unknown = ExitStatus(code: 255)

  package var isSuccess: Bool { code == 0 }

  /// The signal that ended it, if one did.
  package var signal: Int32? { code < 0 ? -code : nil }

  package var description: String {
    code < 0 ? "signal \(-code) (\(Self.name(ofSignal: -code)))" : "exit \(code)"
  }

  /// `SIGKILL` for 9.
  package static func name(ofSignal signal: Int32) -> String {
    cposix_signal_name(signal).map { "SIG" + String(cString: $0) } ?? "SIG\(signal)"
  }
}

/// What a process used, as the kernel counted it when it ended: itself and the children it waited for.
package struct ResourceUsage: Equatable, Sendable {
  package var userMicroseconds: UInt64 = 0
  package var systemMicroseconds: UInt64 = 0
  /// The most memory it had at once.
  package var peakResidentBytes: UInt64 = 0
  package var dumpedCore = false

  package init(
    userMicroseconds: UInt64 = 0, systemMicroseconds: UInt64 = 0, peakResidentBytes: UInt64 = 0,
    dumpedCore: Bool = false
  ) {
    self.userMicroseconds = userMicroseconds
    self.systemMicroseconds = systemMicroseconds
    self.peakResidentBytes = peakResidentBytes
    self.dumpedCore = dumpedCore
  }
}
