import POSIXKit

/// The check before each fork: this process must have one thread.
enum OneThreadCheck {
  /// Throws `StartError.threads` with the count and the request's name.
  static func pass(for name: String) throws(StartError) {
    let count: Int
    do { count = try countOfThreads() } catch { throw .system(error, name: name) }
    if count != 1 { throw .threads(count, name: name) }
  }
}
