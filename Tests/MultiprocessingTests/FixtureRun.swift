import Foundation
import Multiprocessing
import TestSupport
import Testing

/// One run of the fixture, which tells facts, a line of JSON each.
final class FixtureRun {
  struct Fact: Decodable, Equatable {
    var fact: String
    var number: Int?
    var text: String?
    var numbers: [Int]?
  }

  let program: ProgramRun

  /// Starts a scenario.
  init(_ scenario: String, _ method: StartMethod) throws {
    program = try ProgramRun("ProcessFixture", [scenario, "--method", method.rawValue])
  }

  /// Runs a scenario to its end; it must leave nothing behind.
  static func complete(_ scenario: String, _ method: StartMethod) throws -> FixtureRun {
    let run = try FixtureRun(scenario, method)
    try run.program.end()
    #expect(run.program.status == 0, "\(run.program.errors)")
    #expect(run["descriptors"]?.number == 0, "\(run["descriptors"]?.text ?? "")")
    #expect(run["children"]?.number == 0)
    #expect(run.facts.filter { $0.fact == "error" } == [])
    return run
  }

  /// What was told by now.
  var facts: [Fact] {
    program.lines.map { line in
      do { return try JSONDecoder().decode(Fact.self, from: Data(line.utf8)) } catch {
        return Fact(fact: "error", text: "\(error): \(line)")
      }
    }
  }

  subscript(_ fact: String) -> Fact? { facts.first { $0.fact == fact } }

  /// The statuses that were told, by their names.
  var statuses: [String: Int] {
    var statuses: [String: Int] = [:]
    for fact in facts where fact.fact == "status" { statuses[fact.text!] = fact.number }
    return statuses
  }
}
