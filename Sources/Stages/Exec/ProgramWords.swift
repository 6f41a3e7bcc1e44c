import Multiprocessing
import POSIXKit

/// What a program says on standard error: passed on to the worker's, its last lines kept.
final class ProgramWords {
  private static let kept = 5
  /// The most bytes of a kept line.
  private static let length = 400

  private let name: String
  private var lines = OutputLines()
  private var last: [String] = []

  init(_ name: String) { self.name = name }

  func take(_ bytes: [UInt8]) { pass(lines.append(bytes)) }

  /// Nothing more will come.
  func finish() {
    if let line = lines.finish() { pass([line]) }
  }

  /// The last lines, oldest first; empty if it said nothing.
  var lastLines: [String] { last }

  /// For messages: `; it said last: 'a', 'b'`.
  var shown: String {
    last.isEmpty ? "" : "; it said last: " + last.map { "'\($0)'" }.joined(separator: ", ")
  }

  private func pass(_ lines: [OutputLines.Line]) {
    if lines.isEmpty { return }
    StandardStreams.say(lines.map { "\(name): \($0.text)" }.joined(separator: "\n"))
    for line in lines.suffix(Self.kept) {
      let text = line.text
      last.append(text.utf8.count > Self.length ? text.prefix(Self.length) + "…" : text)
    }
    if last.count > Self.kept { last.removeFirst(last.count - Self.kept) }
  }
}
