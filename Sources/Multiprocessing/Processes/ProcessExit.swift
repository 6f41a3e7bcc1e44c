/// Thrown by a process's own code to end it with a status, and without the words that other errors leave on standard
/// error: Python's `sys.exit(n)`. Unlike `exit` it runs no exit handlers, which under fork are the parent's.
public struct ProcessExit: Error, Equatable, Sendable, Codable {
  /// Its low eight bits are what the parent sees.
  public var status: Int32

  /// 0 is success.
  public init(_ status: Int32) { self.status = status }
}
