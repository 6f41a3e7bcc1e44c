import POSIXKit

/// Why a process could not be started. Always names the request.
package enum StartError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No entry function of that name is registered in this executable.
  case unknownTarget(String, name: String, known: [String])
  /// A fork of a process with several threads would leave the child with locks that nobody releases.
  case threads(Int, name: String)
  /// More descriptors than one start can pass.
  case tooManyDescriptors(Int, name: String, most: Int)
  /// The fork server that was to start it has ended or been told to.
  case serverGone(name: String)
  /// The fork server did not answer until the deadline.
  case serverSilent(name: String)
  /// The fork server could not do it; its words.
  case server(String, name: String)
  case system(SystemCallError, name: String)

  package var description: String {
    switch self {
    case .unknownTarget(let target, let name, let known):
      let list = known.isEmpty ? "none" : known.map { "'\($0)'" }.joined(separator: ", ")
      return """
        Unable to start '\(name)': no process target '\(target)' is registered (registered: \(list)). \
        Call ProcessTargets.register before ProcessTargets.bootstrap, at the top of main.
        """
    case .threads(let count, let name):
      return """
        Unable to start '\(name)': this process has \(count) threads, and only a process with one can be \
        forked safely. Start it by spawn or forkserver, or fork before the threads start.
        """
    case .tooManyDescriptors(let count, let name, let most):
      return "Unable to start '\(name)': \(count) descriptors were to be passed, at most \(most) can be."
    case .serverGone(let name):
      return "Unable to start '\(name)': its fork server has ended."
    case .serverSilent(let name):
      return "Unable to start '\(name)': its fork server did not answer in time."
    case .server(let text, let name):
      return "Unable to start '\(name)': its fork server says: \(text)"
    case .system(let error, let name):
      return "Unable to start '\(name)': \(error)"
    }
  }
}
