import Glibc
import POSIXKit
import PipelineFile

/// Makes the source that a plan describes, in a worker whose standard input is the run's where it reads that.
package func makeSource(_ plan: FileSourcePlan) throws(StageFailure) -> any StageSource {
  if !plan.files.isEmpty { return FileSource(plan, files: plan.files) }
  var status = stat()
  guard fstat(0, &status) == 0 else {
    throw StageFailure("standard input: error: it is closed")
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    do {
      return StreamSource(plan, descriptor: try Descriptor.duplicate(0))
    } catch {
      throw StageFailure("standard input: error: \(error)")
    }
  }
  let start = max(0, lseek(0, 0, SEEK_CUR))
  let size = UInt64(max(0, status.st_size - start))
  let file = InputFile(
    path: "", shown: "standard input", size: size, device: UInt64(status.st_dev), inode: UInt64(status.st_ino)
  )
  return FileSource(plan, redirected: (0, start), files: [file])
}

/// Makes the sink that a plan describes, going on from an earlier incarnation's state.
///
/// `name` is that of the pipeline and the slot, `late/write.0`: a database knows its writers by it. `intent`
/// and `noteIntent` are for standard output: see `StandardOutputSink`.
package func makeSink(
  _ plan: SinkPlan, name: String, names: InputNames, state: [UInt8]?, standardOutput: Int32, intent: UInt64,
  noteIntent: @escaping (UInt64) -> Void
) throws(StageFailure) -> any StageSink {
  // A state that can't be read must not pass for none: the output would be truncated to nothing.
  let known = state.map { SinkState($0) } ?? SinkState()
  guard let state = known else { throw StageFailure("a sink's state can't be read: error: it is damaged") }
  switch plan.target {
  case .file(let file):
    return try FileSink(path: file.path, shown: file.shown, format: plan.format, names: names, state: state)
  case .sqlite(let target): return try SQLiteSink(target, sink: name, names: names)
  case .standardOutput:
    return try StandardOutputSink(
      descriptor: standardOutput, format: plan.format, names: names, state: state, intent: intent,
      noteIntent: noteIntent)
  case .discard: return DiscardSink(state: state)
  }
}
