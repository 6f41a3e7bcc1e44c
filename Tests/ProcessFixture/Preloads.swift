import Glibc
import Multiprocessing

/// What fork servers of the tests load.
enum Preloads {
  /// A flat table in memory of its own, written once.
  final class Table {
    private let words: UnsafeMutableBufferPointer<UInt64>

    init(bytes: Int) {
      words = .allocate(capacity: bytes / 8)
      for index in words.indices { words.initializeElement(at: index, to: UInt64(index)) }
    }

    /// Reads every page.
    func sum() -> UInt64 { stride(from: 0, to: words.count, by: 512).reduce(0) { $0 &+ words[$1] } }
  }

  struct Broken: Error, CustomStringConvertible {
    var description: String { "airlines.csv:7: there is no column 'carrier'" }
  }

  static func register() {
    ProcessTargets.registerPreload("table") { payload in
      Table(bytes: Int(String(decoding: payload, as: UTF8.self))! << 20)
    }
    ProcessTargets.registerPreload("broken") { _ in throw Broken() }
    ProcessTargets.registerPreload("threaded") { _ in
      startIdleThread()
      return Table(bytes: 8)
    }
  }
}

/// A second thread, which does nothing for ever.
func startIdleThread() {
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { _ in
      while true { pause() }
    }, nil)
}
