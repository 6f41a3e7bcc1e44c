import Foundation
import Glibc
import Multiprocessing
import POSIXKit
import Testing

/// One run of the fixture: the test process never forks, it starts this and reads its facts.
final class FixtureRun {
  struct Fact: Decodable, Equatable {
    var fact: String
    var number: Int?
    var text: String?
    var numbers: [Int]?
  }

  private(set) var child: StartedProcess
  private(set) var facts: [Fact] = []
  private(set) var status: Multiprocessing.ExitStatus?
  private var output = OutputLines(bytesPerLine: 1 << 20)
  private var errors: [UInt8] = []
  private var errorText: String { String(decoding: errors, as: UTF8.self) }

  /// Starts a scenario.
  init(_ scenario: String, _ method: StartMethod) throws {
    var folder = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &folder, folder.count)
    let own = String(decoding: folder[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Where the tests run inside a helper, the bundle's path is among the arguments.
    let candidates = [own] + CommandLine.arguments
    let paths = candidates.map { String($0[..<($0.lastIndex(of: "/") ?? $0.startIndex)]) + "/ProcessFixture" }
    let path = try #require(paths.first { access($0, X_OK) == 0 }, "ProcessFixture is not built")
    child = try StartedProcess.start(
      program: path, arguments: [scenario, "--method", method.rawValue],
      StartRequest(target: "", name: "fixture"))
  }

  /// Runs a scenario to its end; it must leave nothing behind.
  static func complete(_ scenario: String, _ method: StartMethod) throws -> FixtureRun {
    let run = try FixtureRun(scenario, method)
    try run.wait { run.status != nil }
    #expect(run.status == Multiprocessing.ExitStatus(code: 0), "\(run.errorText)")
    #expect(run["descriptors"]?.number == 0, "\(run["descriptors"]?.text ?? "")")
    #expect(run["children"]?.number == 0)
    #expect(run.facts.filter { $0.fact == "error" } == [])
    return run
  }

  subscript(_ fact: String) -> Fact? { facts.first { $0.fact == fact } }

  /// The statuses that were told, by their names.
  var statuses: [String: Int] {
    var statuses: [String: Int] = [:]
    for fact in facts where fact.fact == "status" { statuses[fact.text!] = fact.number }
    return statuses
  }

  /// Turns until the condition holds; a minute is far more than any scenario needs.
  func wait(until condition: () -> Bool) throws {
    let deadline = MonotonicClock.deadline(after: .seconds(60))
    while !condition() {
      var poller = Poller()
      child.watch(in: &poller, token: 0)
      let ready = try poller.wait(until: deadline)
      try #require(!ready.isEmpty, "the fixture is stuck after \(facts) \(errorText)")
      for fact in try child.facts() {
        switch fact {
        case .output(.standardOutput, let bytes):
          for line in output.append(bytes) {
            facts.append(try JSONDecoder().decode(Fact.self, from: Data(line.bytes)))
          }
        case .output(.standardError, let bytes): errors += bytes
        case .exited(let status, _): self.status = status
        default: break
        }
      }
    }
  }
}
