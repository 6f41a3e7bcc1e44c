import Control
import POSIXKit

/// A run that does what a test says, and notes what it was asked.
final class FakeRun: ControlledRun {
  var current = RunStatus(
    pipeline: "flights", file: "flights.yaml", state: .running, pid: 4711, state_folder: "/state",
    uptime_seconds: 12.5)
  private(set) var commands: [ControlCommand] = []
  var isDone = true
  private let memory: SharedMemory

  init() throws {
    memory = try SharedMemory(size: 8192, name: "fake run")
    for (name, role, slots) in [("read", "source", 1), ("clean", "step", 2)] {
      var stage = RunStatus.Stage(
        name: name, role: role, start_method: "fork", workers: slots, workers_most: slots)
      stage.slots = (0..<slots).map { .init(name: "\(name).\($0)", state: .running, epoch: 1, restarts: 0) }
      current.stages.append(stage)
    }
  }

  func status() -> RunStatus { current }

  func carryOut(_ command: ControlCommand) -> ControlAnswer {
    commands.append(command)
    if case .scale(let stage, _) = command, stage != "clean" {
      return .refused("'\(stage)' is not a stage that can be scaled; clean can")
    }
    return .accepted("as you say")
  }

  func isSettled(_ command: ControlCommand) -> Bool { isDone }

  var pagesDescriptor: Int32 { memory.descriptor.raw }

  func note(_ value: UInt64) { memory.word(at: 4096).store(value) }
}
