/// A start method that does not depend on `setStartMethod`: for libraries, and for programs that use several.
///
/// ```swift
/// let process = ChildProcess(target: square, args: 3, context: .spawn)
/// ```
///
/// Any thread may use it.
public struct ProcessContext: Equatable, Sendable {
  /// How its processes are made.
  public let startMethod: StartMethod

  /// A context for one start method.
  public init(_ startMethod: StartMethod) { self.startMethod = startMethod }

  /// The parent forks itself; closures too.
  public static let fork = ProcessContext(.fork)
  /// The executable is started anew.
  public static let spawn = ProcessContext(.spawn)
  /// A fork server makes them.
  public static let forkserver = ProcessContext(.forkserver)

  /// A process that will run a function, not started yet. As `ChildProcess.init`.
  public func process<each Argument, Output>(
    target: RemoteFunction<repeat each Argument, Output>, args: repeat each Argument, name: String? = nil,
    daemon: Bool = false
  ) -> ChildProcess {
    ChildProcess(target: target, args: repeat each args, name: name, daemon: daemon, context: self)
  }

  /// A process that will run a closure, not started yet; only fork can start it.
  public func process(
    name: String? = nil, daemon: Bool = false, _ body: @escaping () throws -> Void
  ) -> ChildProcess { ChildProcess(name: name, daemon: daemon, context: self, body) }
}
