import Expressions
import SQLite
import ZeroMQ

/// The libraries that this program is linked with.
package struct LibraryFacts: Sendable {
  package var swift: String
  /// Major, minor and patch of the library that is loaded, and of the one that the program was built with.
  package var zeroMQ: [Int]
  package var zeroMQBuilt: [Int]
  package var hasCURVE: Bool
  package var hasIPC: Bool
  /// Nil where it can't be told.
  package var jq: String?
  package var sqlite: String
  package var sqliteIsThreadsafe: Bool

  package init(
    swift: String, zeroMQ: [Int], zeroMQBuilt: [Int], hasCURVE: Bool, hasIPC: Bool, jq: String?,
    sqlite: String, sqliteIsThreadsafe: Bool
  ) {
    self.swift = swift
    self.zeroMQ = zeroMQ
    self.zeroMQBuilt = zeroMQBuilt
    self.hasCURVE = hasCURVE
    self.hasIPC = hasIPC
    self.jq = jq
    self.sqlite = sqlite
    self.sqliteIsThreadsafe = sqliteIsThreadsafe
  }

  static func probe() -> LibraryFacts {
    LibraryFacts(
      swift: swiftVersion, zeroMQ: ZeroMQLibrary.version, zeroMQBuilt: ZeroMQLibrary.builtVersion,
      hasCURVE: ZeroMQLibrary.has("curve"), hasIPC: ZeroMQLibrary.has("ipc"), jq: JQLibrary.version,
      sqlite: SQLiteLibrary.version, sqliteIsThreadsafe: SQLiteLibrary.isThreadsafe)
  }

  private static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  package var checks: [DoctorCheck] {
    [.ok("swift", "built with Swift \(swift)"), zeroMQCheck, curveCheck, jqCheck, sqliteCheck]
  }

  private var zeroMQCheck: DoctorCheck {
    let shown = Self.text(zeroMQ)
    if zeroMQ.lexicographicallyPrecedes([4, 3, 0]) {
      return .failure("libzmq", "libzmq \(shown)", "install 4.3 or later (apt-get install libzmq5)")
    }
    if !hasIPC {
      return .failure(
        "libzmq", "libzmq \(shown) has no ipc transport", "install one that has (apt-get install libzmq5)")
    }
    if zeroMQ[0] != zeroMQBuilt[0] || zeroMQ.lexicographicallyPrecedes(zeroMQBuilt) {
      return .warning(
        "libzmq", "libzmq \(shown) is loaded, and the program was built with \(Self.text(zeroMQBuilt))",
        "install that version or a later one, or build again on this machine")
    }
    return .ok("libzmq", "libzmq \(shown)")
  }

  private var curveCheck: DoctorCheck {
    hasCURVE
      ? .ok("curve", "libzmq can encrypt (CURVE)")
      : .warning(
        "curve", "libzmq has no CURVE: connections beyond this machine can't be encrypted",
        "install a libzmq built with libsodium (apt-get install libzmq5)")
  }

  private var jqCheck: DoctorCheck {
    guard let jq else {
      return .failure(
        "libjq", "libjq compiles no program", "install libjq 1.6 or later (apt-get install libjq1)")
    }
    if jq.hasPrefix("1.5") {
      return .failure("libjq", "libjq \(jq)", "install libjq 1.6 or later (apt-get install libjq1)")
    }
    return .ok("libjq", "libjq \(jq)")
  }

  private var sqliteCheck: DoctorCheck {
    let numbers = sqlite.split(separator: ".").compactMap { Int($0) }
    if numbers.lexicographicallyPrecedes([3, 37]) {
      return .failure(
        "sqlite", "SQLite \(sqlite) has no strict tables",
        "install 3.37 or later (apt-get install libsqlite3-0)")
    }
    return sqliteIsThreadsafe
      ? .ok("sqlite", "SQLite \(sqlite)")
      : .warning("sqlite", "SQLite \(sqlite) is not built to be thread-safe", "install a usual build")
  }

  private static func text(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
}
