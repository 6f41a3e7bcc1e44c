/// What was done wrong with a process, or why it could not be started: what, with which one, and what mends it.
public enum ProcessError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `start` was called twice.
  case alreadyStarted(name: String)
  /// `operation` needs a process that was started.
  case notStarted(name: String, operation: String)
  /// `operation` after `close`.
  case closed(name: String, operation: String)
  /// `close` while it runs.
  case stillRunning(name: String)
  /// `operation` in another process than the one that started it.
  case notOurChild(name: String, operation: String)
  /// A process that waits for its own end.
  case joinsItself(name: String)
  /// A daemon wanted to start a process.
  case daemonHasNoChildren(name: String, daemon: String)
  /// A closure can only be forked.
  case closureNeedsFork(name: String, method: StartMethod)
  /// Under spawn and forkserver: `bootstrap` was not called, or not before this start.
  case notBootstrapped(function: String, name: String)
  /// The child did not get as far as `bootstrap`.
  case bootstrapNotReached(name: String, method: StartMethod, what: String)
  /// The function is not listed in `bootstrap`.
  case unknownFunction(String, name: String, known: [String])
  /// Two functions of this name are listed in `bootstrap`.
  case duplicateFunction(String, name: String)
  /// Another function of this name is listed in `bootstrap`.
  case differentFunction(String, name: String, passed: String, listed: String)
  /// The arguments can't be sent; the encoding's words.
  case arguments(String, name: String)
  /// A fork of a process with several threads.
  case threads(Int, name: String)
  /// The start method was chosen or used before.
  case startMethodChosen(StartMethod, wanted: StartMethod)
  /// The fork server's preload threw; its words.
  case preloadFailed(String, name: String)
  /// The machine refused; in words.
  case system(String, name: String)

  /// What was done, and what mends it.
  public var description: String {
    switch self {
    case .alreadyStarted(let name):
      return "Process '\(name)' was started before. A process runs once: make a new ChildProcess."
    case .notStarted(let name, let operation):
      return "Unable to \(operation) process '\(name)': it was not started. Call start() first."
    case .closed(let name, let operation):
      return "Unable to \(operation) process '\(name)': close() was called. Do it before."
    case .stillRunning(let name):
      return "Unable to close process '\(name)': it is still running. Call join() or terminate() first."
    case .notOurChild(let name, let operation):
      return """
        Unable to \(operation) process '\(name)': this process did not start it. Only the process that called \
        start() may do that.
        """
    case .joinsItself(let name):
      return """
        Process '\(name)' can't wait for its own end. Only the process that called start() may join it.
        """
    case .daemonHasNoChildren(let name, let daemon):
      return """
        Unable to start '\(name)': '\(daemon)' is a daemon, which ends with its parent and would leave its \
        children behind. Make it no daemon, or start '\(name)' from its parent.
        """
    default: return startDescription
    }
  }

  private var startDescription: String {
    switch self {
    case .closureNeedsFork(let name, let method):
      return """
        Unable to start '\(name)': a closure can't be sent to a process made by \(method.rawValue). Start it by \
        fork (context: .fork), or declare a RemoteFunction and list it in Multiprocessing.bootstrap.
        """
    case .notBootstrapped(let function, let name):
      return """
        Unable to start '\(name)': no function is known to a new process yet. Call \
        Multiprocessing.bootstrap(\(function), ...) as the first thing in main, before this start.
        """
    case .bootstrapNotReached(let name, let method, let what):
      return """
        Unable to start '\(name)': the process made by \(method.rawValue) did not reach \
        Multiprocessing.bootstrap (\(what)). Call it as the first thing in main, in every case: not inside an \
        if, not after arguments are read.
        """
    case .unknownFunction(let function, let name, let known):
      let list = known.isEmpty ? "none" : known.map { "'\($0)'" }.joined(separator: ", ")
      return """
        Unable to start '\(name)': the function '\(function)' is not listed (listed: \(list)). Add it to the \
        arguments of Multiprocessing.bootstrap at the top of main.
        """
    case .duplicateFunction(let function, let name):
      return """
        Unable to start '\(name)': two functions named '\(function)' are listed in Multiprocessing.bootstrap. \
        Give each a name of its own, and list each once in one call.
        """
    case .differentFunction(let function, let name, let passed, let listed):
      return """
        Unable to start '\(name)': its function '\(function)' is \(passed), but the one that is listed in \
        Multiprocessing.bootstrap under that name is \(listed). Pass the one that is listed, or give it another \
        name.
        """
    case .arguments(let text, let name):
      return "Unable to start '\(name)': its arguments can't be encoded: \(text)"
    case .threads(let count, let name):
      return """
        Unable to start '\(name)': this process has \(count) threads, and only a process with one can be forked \
        safely, since the others may hold locks that nobody would release in the child. Start it by spawn or \
        forkserver, or fork before the threads start (Swift concurrency and Dispatch start threads).
        """
    case .startMethodChosen(let method, let wanted):
      return """
        Unable to set the start method to \(wanted.rawValue): it is \(method.rawValue) and was chosen or used \
        before. Set it once, at the top of main, or use a context: ChildProcess(..., context: \
        .\(wanted.rawValue)).
        """
    case .preloadFailed(let text, let name):
      return "Unable to start '\(name)': what the fork server was to load failed: \(text)"
    case .system(let text, _): return text
    default: return ""
    }
  }
}
