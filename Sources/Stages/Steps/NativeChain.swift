import Expressions
import Glibc
import PipelineFile
import Records

/// A chain whose programs are all in the native subset, run without libjq.
///
/// Where it does not surely know jq's answer for a record it bails, and the record goes through libjq from its
/// first step. `PROCESSION_NATIVE=off` in the environment leaves everything to libjq, to compare the two; so
/// does a `~/.jq`, which may redefine any function.
final class NativeChain {
  private enum Action {
    case filter(Int32)
    case map(Int32)
    case lookup(key: Int32, NativeLookup)
  }

  private let code: NativeCode
  private let actions: [Action]
  private var machine: NativeMachine
  private var rows: NativeRows?

  /// Nil where a step is outside the subset: filters, lookups, and a map as the last step are inside.
  init?(_ steps: [StepPlan], variables: [Plan.Variable], lookups: [Int: LookupStep]) {
    guard Self.isOn else { return nil }
    var code = NativeCode(variables: variables.map { ($0.name, $0.json) })
    var actions: [Action] = []
    var isLastAMap = false
    for (index, step) in steps.enumerated() {
      guard !isLastAMap else { return nil }
      switch step {
      case .filter(let program):
        guard let root = code.compile(program.program, for: .filter) else { return nil }
        actions.append(.filter(root))
      case .map(let program):
        guard let root = code.compile(program.program, for: .map) else { return nil }
        actions.append(.map(root))
        isLastAMap = true
      case .lookup(let plan):
        guard let lookup = lookups[index], let key = code.compile(plan.key.program, for: .key) else {
          return nil
        }
        actions.append(.lookup(key: key, NativeLookup(lookup, number: code.join(plan.field))))
      case .exec, .use: return nil
      }
    }
    guard isLastAMap || actions.allSatisfy({ if case .filter = $0 { true } else { false } }) else {
      return nil
    }
    for action in actions {
      if case .lookup(_, let lookup) = action { lookup.read(code.pathNames) }
    }
    self.code = code
    self.actions = actions
    machine = NativeMachine(code)
  }

  private static var isOn: Bool {
    if let value = getenv("PROCESSION_NATIVE"), String(cString: value) == "off" { return false }
    guard let home = getenv("HOME") else { return true }
    return access("\(String(cString: home))/.jq", F_OK) != 0
  }

  /// Makes ready for rows of `schema`.
  func prepare(for schema: CSVSchema) {
    let rows = NativeRows(schema: schema, code: code)
    rows.prepare(&machine)
    self.rows = rows
  }

  /// Runs the row on which `reader` stands.
  func run(_ reader: borrowing CSVRowReader) -> NativeMachine.Outcome {
    guard rows!.load(reader, into: &machine) else { return .bail }
    return run()
  }

  func run(json record: UnsafeRawBufferPointer) -> NativeMachine.Outcome {
    guard machine.load(json: record) else { return .bail }
    return run()
  }

  /// Appends what the map made of the last record.
  func appendResult(to buffer: inout BatchBuffer) { buffer.append(machine.written) }

  private func run() -> NativeMachine.Outcome {
    for action in actions {
      switch action {
      case .filter(let root):
        let outcome = machine.keeps(root)
        if outcome != .yes { return outcome }
      case .map(let root): return machine.write(root)
      case .lookup(let key, let lookup):
        guard machine.writeKey(key) == .yes else { return .bail }
        let outcome = lookup.join(&machine)
        if outcome != .yes { return outcome }
      }
    }
    return .yes
  }
}
