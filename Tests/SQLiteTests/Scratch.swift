import TestSupport

/// A database's path in a folder of its own, which goes with it.
struct Scratch {
  private let temporary = TemporaryFolder()
  var folder: String { temporary.path }
  var path: String { temporary.file("test.db") }
}
