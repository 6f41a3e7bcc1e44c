import Expressions
import PipelineFile

/// One step of a chain, ready to run in this process.
enum Step {
  case filter(Program)
  case map(Program)
  case lookup(LookupKey, LookupStep)

  /// The top-level fields that the step reads, nil for all.
  var fields: [String]? {
    switch self {
    case .filter(let program), .map(let program), .lookup(.program(let program), _):
      program.compiled.topLevelFields
    case .lookup(.field(let name, _), _): [name]
    }
  }

  var name: String {
    switch self {
    case .filter: "filter"
    case .map: "map"
    case .lookup: "lookup"
    }
  }
}

/// How a lookup finds a record's key: most often by a plain field, which needs no program.
enum LookupKey {
  case field(name: String, JQKey)
  case program(Program)

  init(_ plan: JQPlan, variables: [Plan.Variable]) throws(StageFailure) {
    let text = plan.program
    let name = text.utf8.dropFirst()
    let isPlain =
      text.utf8.first == UInt8(ascii: ".") && !name.isEmpty && !(0x30...0x39).contains(name.first!)
      && name.allSatisfy {
        $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
      }
    if isPlain {
      let field = String(text.dropFirst())
      self = .field(name: field, JQKey(field))
    } else {
      self = .program(try Program(plan, variables: variables))
    }
  }
}

/// A compiled jq program: libjq's state belongs to one process and is made after the fork.
final class Program {
  var compiled: JQProgram

  init(_ plan: JQPlan, variables: [Plan.Variable]) throws(StageFailure) {
    do {
      compiled = try JQProgram(plan.program, variables: variables.map { ($0.name, $0.json) })
    } catch {
      throw StageFailure("\(plan.position): error: \(error)")
    }
  }
}
