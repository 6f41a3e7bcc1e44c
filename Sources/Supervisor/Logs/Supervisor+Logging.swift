import Delivery
import Logging
import Multiprocessing

/// What log lines say of whom they are about.
extension Supervisor {
  func facts(of slot: SlotID, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
    var facts = more
    facts["stage"] = .string(configuration.stages[Int(slot.stage)].name)
    facts["slot"] = .string(configuration.name(of: slot))
    return facts
  }

  func facts(of employee: Employee, _ more: Logger.Metadata = [:]) -> Logger.Metadata {
    var facts = facts(of: employee.incarnation.slot, more)
    facts["epoch"] = .stringConvertible(employee.incarnation.epoch)
    if let pid = employee.process.pid { facts["pid"] = .stringConvertible(pid) }
    return facts
  }

  /// Of a stage's fork server.
  func serverFacts(_ stage: Int, _ more: Logger.Metadata) -> Logger.Metadata {
    var facts = more
    facts["stage"] = .string(configuration.stages[stage].name)
    return facts
  }

  /// A line that a worker printed.
  func print(_ line: String, _ stream: OutputStream, of employee: Employee) {
    logger.info("\(line)", metadata: facts(of: employee, ["stream": .string(stream.rawValue)]))
  }
}
