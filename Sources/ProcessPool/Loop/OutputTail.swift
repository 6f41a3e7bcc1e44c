import Multiprocessing
import POSIXKit

/// What a worker writes to standard error: shown on the pool's own as it comes, line by line so that workers do
/// not write into each other's, and its end kept for the error that tells of the worker's death.
struct OutputTail {
  static let mostLines = 10

  private var lines = OutputLines()
  private(set) var last: [String] = []

  mutating func append(_ bytes: [UInt8]) { show(lines.append(bytes)) }

  /// The stream has ended.
  mutating func finish() {
    if let line = lines.finish() { show([line]) }
  }

  private mutating func show(_ new: [OutputLines.Line]) {
    if new.isEmpty { return }
    var shown: [UInt8] = []
    for line in new {
      shown += line.bytes
      shown.append(UInt8(ascii: "\n"))
      last.append(line.text)
    }
    if last.count > Self.mostLines { last.removeFirst(last.count - Self.mostLines) }
    StandardStreams.write(toError: shown)
  }
}
