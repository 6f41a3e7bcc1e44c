import Coordination
import PipelineFile
import Stages

/// The lookup tables of one stage, loaded by its fork server for all its workers.
package final class PreloadedTables {
  /// By position of the step.
  let tables: [Int: LookupTable]

  /// The payload that names a stage of a plan.
  package static func payload(plan: [UInt8], stage: Int) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt16(stage))
    writer.write(plan)
    return writer.bytes
  }

  init(_ payload: [UInt8]) throws {
    var reader = ByteReader(payload)
    let stage = Int(try reader.read(UInt16.self))
    let plan = try Plan(canonicalJSON: try reader.readBytes())
    var tables: [Int: LookupTable] = [:]
    if case .steps(let steps) = plan.stages[stage].work {
      for (index, step) in steps.enumerated() {
        if case .lookup(let lookup) = step { tables[index] = try LookupTable.load(lookup) }
      }
    }
    self.tables = tables
  }
}
