import Multiprocessing
import POSIXKit

/// One run of a program that stands beside the tests: a test process neither forks nor makes pools, it starts
/// this and reads what it prints.
package final class ProgramRun {
  package struct Stuck: Error, CustomStringConvertible {
    package let description: String
  }

  package private(set) var child: StartedProcess
  /// Nil as long as it runs.
  package private(set) var status: Int32?
  private var outputBytes: [UInt8] = []
  private var errorBytes: [UInt8] = []

  /// Starts a program.
  package init(_ program: String, _ arguments: [String], environment: [String]? = nil) throws {
    child = try StartedProcess.start(
      program: try BuiltProgram.path(program), arguments: arguments, environment: environment,
      StartRequest(target: "", name: program))
  }

  package var output: String { String(decoding: outputBytes, as: UTF8.self) }
  package var errors: String { String(decoding: errorBytes, as: UTF8.self) }

  /// The lines of its standard output that have come whole, without the empty ones.
  package var lines: [String] {
    let end = status == nil ? outputBytes.lastIndex(of: UInt8(ascii: "\n")) ?? 0 : outputBytes.count
    return outputBytes[..<end].split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Waits for its end.
  package func end() throws { try wait { status != nil } }

  /// Turns until the condition holds; a minute is far more than any scenario needs.
  package func wait(until condition: () -> Bool) throws {
    let deadline = MonotonicClock.deadline(after: .seconds(60))
    while !condition() {
      var poller = Poller()
      child.watch(in: &poller, token: 0)
      if try poller.wait(until: deadline).isEmpty {
        throw Stuck(description: "the program is stuck after \(output) \(errors)")
      }
      for fact in try child.facts() {
        switch fact {
        case .output(.standardOutput, let bytes): outputBytes += bytes
        case .output(.standardError, let bytes): errorBytes += bytes
        case .exited(let status, _): self.status = status.code
        default: break
        }
      }
    }
  }
}
