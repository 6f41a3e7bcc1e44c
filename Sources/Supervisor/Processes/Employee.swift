import Coordination
import Delivery
import Multiprocessing

/// One running incarnation as the supervisor holds it: its process and the last lines that it printed.
final class Employee {
  /// Lines kept for a crash report.
  static let lastLines = 8

  let incarnation: Incarnation
  var process: StartedProcess
  private(set) var lastLines: [String] = []
  private var output = OutputLines()
  private var errors = OutputLines()

  init(_ incarnation: Incarnation, process: consuming StartedProcess) {
    self.incarnation = incarnation
    self.process = process
  }

  /// Takes bytes of a captured stream and returns the lines that they complete.
  func printed(_ stream: OutputStream, _ bytes: [UInt8]) -> [String] {
    let lines =
      switch stream {
      case .standardOutput: output.append(bytes)
      case .standardError: errors.append(bytes)
      }
    return keep(lines.map(\.text))
  }

  /// What was printed without a line's end.
  func finishPrinting() -> [(stream: OutputStream, line: String)] {
    let last = [(OutputStream.standardOutput, output.finish()), (.standardError, errors.finish())]
    let lines = last.compactMap { entry in entry.1.map { (entry.0, $0.text) } }
    _ = keep(lines.map(\.1))
    return lines.map { (stream: $0.0, line: $0.1) }
  }

  private func keep(_ lines: [String]) -> [String] {
    lastLines = (lastLines + lines.suffix(Self.lastLines)).suffix(Self.lastLines)
    return lines
  }
}
