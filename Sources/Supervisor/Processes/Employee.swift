import Coordination
import Delivery
import Multiprocessing

/// One running incarnation as the supervisor holds it: its process and the last lines that it printed.
final class Employee {
  /// Lines kept for a crash report.
  static let lastLines = 8
  /// The longest line that is kept whole, in bytes.
  static let longestLine = 4096

  let incarnation: Incarnation
  var process: ChildProcess
  private(set) var lastLines: [String] = []
  private var partial: [OutputStream: [UInt8]] = [:]

  init(_ incarnation: Incarnation, process: consuming ChildProcess) {
    self.incarnation = incarnation
    self.process = process
  }

  /// Takes bytes of a captured stream and returns the lines that they complete.
  func printed(_ stream: OutputStream, _ bytes: [UInt8]) -> [String] {
    var pending = partial[stream] ?? []
    var lines: [String] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") || pending.count >= Self.longestLine {
        lines.append(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
      }
      if byte != UInt8(ascii: "\n") { pending.append(byte) }
    }
    partial[stream] = pending
    keep(lines)
    return lines
  }

  /// What was printed without a line's end.
  func finishPrinting() -> [String] {
    let lines = OutputStream.allCases.compactMap { stream -> String? in
      guard let pending = partial.removeValue(forKey: stream), !pending.isEmpty else { return nil }
      return String(decoding: pending, as: UTF8.self)
    }
    keep(lines)
    return lines
  }

  private func keep(_ lines: [String]) {
    lastLines = (lastLines + lines).suffix(Self.lastLines)
  }
}
