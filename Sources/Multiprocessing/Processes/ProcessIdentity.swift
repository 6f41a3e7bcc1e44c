/// Which process this is, as `currentProcess()` tells.
public struct ProcessIdentity: Equatable, Sendable {
  /// `MainProcess`, or the name of the `ChildProcess` that it was started as.
  public let name: String
  /// Its number in the system.
  public let pid: Int32
  /// It ends with its parent and may start no process.
  public let isDaemon: Bool
  /// How it was started; nil for the main process.
  public let startMethod: StartMethod?
  /// Its place among the processes of the program: `1:2` is the second child of the first one.
  let path: String

  /// The name of its nth child, unless that has one of its own.
  func nameOfChild(_ number: Int) -> (name: String, path: String) {
    let path = path.isEmpty ? "\(number)" : "\(self.path):\(number)"
    return ("Process-\(path)", path)
  }
}

/// The process that started this one, as `parentProcess()` tells. It outlives its children: when it ends, whatever
/// the reason, they end too. So there is nothing to wait for.
public struct ParentProcess: Equatable, Sendable {
  /// As its own `currentProcess()` has it.
  public let name: String
  /// Under forkserver the process that called `start`, not the server.
  public let pid: Int32
}
