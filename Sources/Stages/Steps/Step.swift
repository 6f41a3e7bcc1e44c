import Expressions
import PipelineFile

/// One step of a chain, ready to run in this process.
enum Step {
  case filter(Program)
  case map(Program)
  case lookup(Program, LookupStep)

  var program: Program {
    switch self {
    case .filter(let program), .map(let program), .lookup(let program, _): program
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

/// A compiled jq program: libjq's state belongs to one process and is made after the fork.
final class Program {
  var compiled: JQProgram

  init(_ plan: JQPlan, variables: [Plan.Variable]) throws(StageFailure) {
    do {
      compiled = try JQProgram(plan.program, variables: variables.map { ($0.name, $0.json) })
    } catch {
      let position = plan.position
      throw StageFailure("\(position.file):\(position.line):\(position.column): error: \(error)")
    }
  }
}
