import Glibc
import POSIXKit
import PipelineFile

/// Makes the source that a plan describes, in a worker whose standard input is the run's where it reads that.
///
/// Worker `slot` of `slots` reads each `slots`th file, from number `slot` on; standard input is the first one's.
/// `folder` is that of the slot's state, where what is spooled goes.
package func makeSource(
  _ plan: FileSourcePlan, slot: Int, of slots: Int, folder: String
) throws(StageFailure) -> any StageSource {
  if plan.follow { return try FollowSource(plan, say: StandardStreams.say) }
  if !plan.files.isEmpty || slot > 0 { return FileSource(plan, files: plan.files, slot: slot, of: slots) }
  var status = stat()
  guard fstat(0, &status) == 0 else {
    throw StageFailure("standard input: error: it is closed")
  }
  let isFile = status.st_mode & S_IFMT == S_IFREG
  // A spool that was begun goes on, whatever standard input is this time.
  let spool = "\(folder)/\(Spool.folderName)"
  if !isFile || plan.spool && Spool.exists(spool) {
    let input: Descriptor
    do {
      input = try Descriptor.duplicate(0)
    } catch {
      throw StageFailure("standard input: error: \(error)")
    }
    if plan.spool { return try SpoolSource(plan, folder: spool, input: input) }
    return StreamSource(plan, descriptor: input)
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
/// `name` is that of the pipeline and the slot, `late/write.0`: a database knows its writers by it.
/// Worker `slot` of `slots` writes a file of its own where there are several. `ownerFile` is that of
/// `prepareOutput`, which parts are added to as they are begun; `folder` is that of the slot's state,
/// `run` the run's number: both are for sinks that the program brings.
/// `intent` and `noteIntent` are for standard output: see `StandardOutputSink`.
package func makeSink(
  _ plan: SinkPlan, name: String, slot: Int, of slots: Int, names: InputNames, state: [UInt8]?,
  folder: String = "", run: UInt64 = 0, ownerFile: String, standardOutput: Int32, intent: UInt64,
  noteIntent: @escaping (UInt64) -> Void
) throws(StageFailure) -> any StageSink {
  // A state that can't be read must not pass for none: the output would be truncated to nothing.
  let known = state.map { SinkState($0) } ?? SinkState()
  guard let state = known else { throw StageFailure("a sink's state can't be read: error: it is damaged") }
  switch plan.target {
  case .file(let file):
    let paths = PartNames(path: file.path, slot: slot, of: slots)
    let shown = PartNames(path: file.shown, slot: slot, of: slots)
    if let rotation = file.rotation {
      return try PartedFileSink(
        rotation: rotation, names: paths, shown: shown.pattern, format: plan.format, inputs: names,
        state: state, ownerFile: ownerFile)
    }
    return try FileSink(
      path: paths.whole, shown: slots > 1 ? shown.whole : file.shown, format: plan.format, names: names,
      state: state)
  case .sqlite(let target): return try SQLiteSink(target, sink: name, names: names)
  case .standardOutput:
    return try StandardOutputSink(
      descriptor: standardOutput, format: plan.format, names: names, state: state, intent: intent,
      noteIntent: noteIntent)
  case .discard: return DiscardSink(state: state)
  case .user(let use):
    let context = UserStageContext(
      worker: name, slot: slot, slots: slots, names: names, run: run, folder: folder)
    return try UserStages.makeSink(use, context, state)
  }
}
