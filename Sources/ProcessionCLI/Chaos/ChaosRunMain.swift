import Coordination
import Glibc
import Multiprocessing
import PipelineFile

/// The process that chaos runs a pipeline in: a supervisor like any other, but for the memory that it shares
/// with whoever started it.
enum ChaosRunMain {
  static let target = "procession.chaos.run"

  static func register() { ProcessTargets.register(target) { context in run(&context) } }

  /// What such a process is to run.
  struct Setup {
    var plan: [UInt8]
    var stateFolder: String
    var fresh: Bool

    func encoded() -> [UInt8] {
      var writer = ByteWriter()
      writer.write(plan)
      writer.write(stateFolder)
      writer.write(UInt8(fresh ? 1 : 0))
      return writer.bytes
    }

    init(plan: [UInt8], stateFolder: String, fresh: Bool) {
      self.plan = plan
      self.stateFolder = stateFolder
      self.fresh = fresh
    }

    init(decoding bytes: [UInt8]) throws {
      var reader = ByteReader(bytes)
      plan = try reader.readBytes()
      stateFolder = try reader.readText()
      fresh = try reader.read(UInt8.self) == 1
    }
  }

  private static func run(_ context: inout ChildContext) -> Int32 {
    do {
      let setup = try Setup(decoding: context.payload)
      return try PipelineRun(
        plan: Plan(canonicalJSON: setup.plan), stateFolder: setup.stateFolder,
        purpose: .run(fresh: setup.fresh), style: .quiet, json: false, sharedMemory: context.descriptors[0]
      ).run()
    } catch {
      Terminal.printError("error: \(error)")
      return ExitStatusTable.failed
    }
  }
}
