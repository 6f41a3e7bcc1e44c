import Expressions
import PipelineFile

/// A lookup of the native chain: table rows as the fields that programs read of them.
final class NativeLookup {
  private final class Row {
    let fields: NativeTableRow

    init(_ fields: consuming NativeTableRow) { self.fields = fields }
  }

  private let step: LookupStep
  private let number: Int
  private var names: [JQKey] = []
  /// The position in `rows`, plus one, of the row at each place of the table; empty until the first is used.
  private var positions: [Int32] = []
  private var rows: [Row] = []

  /// `number`: the code's number of the lookup.
  init(_ step: LookupStep, number: Int) {
    self.step = step
    self.number = number
  }

  /// The names of all fields that programs may read of a row.
  func read(_ names: [String]) { self.names = names.map { JQKey($0) } }

  /// Joins the row whose key `machine` has written.
  func join(_ machine: inout NativeMachine) -> NativeMachine.Outcome {
    guard let found = step.table.find(machine.written) else {
      switch step.plan.missing {
      case .drop: return .no
      case .fail, .deadLetter: return .bail
      case .null:
        machine.join(number, .null)
        return .yes
      }
    }
    if positions.isEmpty { positions = Array(repeating: 0, count: step.table.placeCount) }
    var position = Int(positions[found.place])
    if position == 0 {
      guard let row = row(found.row) else { return .bail }
      if rows.count == LookupStep.cachedRows {
        rows.removeAll(keepingCapacity: true)
        positions = Array(repeating: 0, count: step.table.placeCount)
      }
      rows.append(row)
      position = rows.count
      positions[found.place] = Int32(position)
    }
    machine.join(number, rows[position - 1].fields.value)
    return .yes
  }

  private func row(_ bytes: UnsafeRawBufferPointer) -> Row? {
    do {
      return Row(NativeTableRow(try step.value(of: bytes), names: names))
    } catch {
      return nil
    }
  }
}
