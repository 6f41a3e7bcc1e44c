/// How workers are started on another machine.
///
/// The worker's command is the prefix, the executable's path there, and one word for the library, as in
/// `ssh build2 /opt/app/app __procession-pool-worker`. What it needs to know, its key included, goes through its
/// standard input and never stands in an argument list or an environment. It connects back to `address`, where the
/// pool lets in those only who have a key made for this pool, and ends when its standard input does.
public struct Launch: Sendable, Equatable {
  /// What stands before the executable: a program, searched in PATH, and its arguments.
  public var prefix: [String]
  /// The executable's path where the worker runs: the same program, built from the same sources.
  public var executable: String?
  /// This machine's address, as the worker sees it: a number or an interface's name.
  public var address: String

  /// `executable`: nil for this program's own path.
  public init(_ prefix: [String], executable: String? = nil, address: String) {
    self.prefix = prefix
    self.executable = executable
    self.address = address
  }
}
