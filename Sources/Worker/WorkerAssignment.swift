import Coordination
import Delivery

/// What a worker is told at its start: who it is and where things are. The plan travels with it, so that
/// workers which were not forked from the supervisor know the same.
package struct WorkerAssignment: Hashable, Sendable {
  package var worker: Incarnation
  /// The same for all workers of a run.
  package var run: UInt64
  /// Folder of the workers' sockets, mode 0700, with a short path.
  package var socketFolder: String
  /// The supervisor's own socket in that folder, which nobody but its orphans removes when it was killed.
  package var controlSocket: String
  /// Folder of the pipeline's state.
  package var stateFolder: String
  /// Folder of the run's journal and slots: the same or, for a replay, one in it.
  package var runFolder: String
  /// See `FaultPoints`; empty outside tests.
  package var faults: String
  /// The plan as canonical JSON.
  package var plan: [UInt8]

  /// Descriptors that a worker is passed, in this order.
  package enum PassedDescriptor: Int, CaseIterable, Sendable {
    /// Shared memory with one statistics page for each slot.
    case statistics
    /// The open description of the run's lock: a new run waits until the last worker has let go of it.
    case lock
    /// Standard output of the run, for a sink that writes there; otherwise a duplicate of `statistics`.
    case output
  }

  package init(
    worker: Incarnation, run: UInt64, socketFolder: String, controlSocket: String, stateFolder: String,
    runFolder: String, faults: String, plan: [UInt8]
  ) {
    self.worker = worker
    self.run = run
    self.socketFolder = socketFolder
    self.controlSocket = controlSocket
    self.stateFolder = stateFolder
    self.runFolder = runFolder
    self.faults = faults
    self.plan = plan
  }

  /// Whether the run puts dead letters of another back in.
  var isReplay: Bool { runFolder != stateFolder }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(worker)
    writer.write(run)
    writer.write(socketFolder)
    writer.write(controlSocket)
    writer.write(stateFolder)
    writer.write(runFolder)
    writer.write(faults)
    writer.write(plan)
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(ByteCodingError) {
    var reader = ByteReader(bytes)
    self.init(
      worker: try reader.readIncarnation(), run: try reader.read(), socketFolder: try reader.readText(),
      controlSocket: try reader.readText(), stateFolder: try reader.readText(),
      runFolder: try reader.readText(), faults: try reader.readText(), plan: try reader.readBytes())
  }

  /// Path of an incarnation's inbox.
  package static func socketPath(of worker: Incarnation, in folder: String) -> String {
    "\(folder)/\(worker.slot.stage).\(worker.slot.index).\(worker.epoch)"
  }
}
