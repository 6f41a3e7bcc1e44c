/// Makes functions known to children, and takes over where this process was started as a child: it then runs what
/// its parent wanted and never returns.
///
/// ```swift
/// Multiprocessing.bootstrap(square, power)
/// ```
///
/// Call it once, as the first thing in `main`, in every case, even when the program only forks: the place of
/// Python's `freeze_support`. A child made by spawn (or a fork server) is this executable started anew: what stands
/// above the call runs in every such child too, what stands below never does. Without the call, or with a function
/// left out of it, `start` throws and says so. Functions that are only forked need not be listed.
///
/// For the main thread.
public func bootstrap(_ functions: any RemoteCallable...) { bootstrap(functions) }

/// The same for functions that are in a list.
public func bootstrap(_ functions: [any RemoteCallable]) {
  RemoteFunctionTable.register(functions.map(\.entry))
  ProcessTargets.bootstrap(arguments: CommandLine.arguments)
}
