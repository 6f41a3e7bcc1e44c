import Glibc

/// What can be known of an endpoint before libzmq sees it.
package enum Endpoint {
  /// The longest path of a Unix socket in bytes: `sun_path` less its final zero.
  package static let longestPath = 107

  /// Throws, in the name of `call`, if `endpoint` is an `ipc://` address with a path that no socket can have.
  package static func check(_ endpoint: String, call: String) throws(ZeroMQError) {
    guard endpoint.utf8.starts(with: "ipc://".utf8) else { return }
    let length = endpoint.utf8.count - "ipc://".utf8.count
    if length > longestPath {
      throw .failed(
        call: call, errno: ENAMETOOLONG, endpoint: endpoint,
        text: "the socket's path has \(length) bytes; \(longestPath) is the most that a Unix socket can have")
    }
  }
}
