import Glibc
import POSIXKit
import PipelineFile
import Records

/// Makes a sink's output ready for a new run, by what the plan says of a file that exists already.
///
/// `ownerFile` remembers which files this pipeline's sink has written, by device and inode, so that
/// `existing: own` never replaces somebody else's. Called before any worker starts. For a table there is
/// ``prepareSQLiteOutput(_:sink:position:)``.
package func prepareOutput(
  _ plan: SinkPlan, slot: Int, of slots: Int, standardOutput: Int32, ownerFile: String
) throws(StageFailure) -> SinkState {
  let position = plan.position
  let place = "\(position): error: "
  guard case .file(let target) = plan.target else {
    guard plan.target == .standardOutput else { return SinkState() }
    // With O_APPEND (`>>`) the next write goes to the end, wherever the offset stands.
    let appends = fcntl(standardOutput, F_GETFL) & O_APPEND != 0
    let start = UInt64(max(0, lseek(standardOutput, 0, appends ? SEEK_END : SEEK_CUR)))
    return SinkState(length: start, base: start)
  }
  let names = PartNames(path: target.path, slot: slot, of: slots)
  let shownNames = PartNames(path: target.shown, slot: slot, of: slots)
  if target.rotation != nil {
    return try prepareParts(
      names, shown: shownNames.pattern, existing: target.existing, place: place, ownerFile: ownerFile)
  }
  let path = names.whole
  let shown = slots > 1 ? shownNames.whole : target.shown
  let existing = target.existing
  do {
    try makeFolders(of: path)
    var state = SinkState()
    let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_NONBLOCK)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StageFailure("\(place)\(shown) is not a regular file; name one that may be truncated")
    }
    let identity = "\(status.st_dev):\(status.st_ino)"
    var owned = ownedOutputs(in: ownerFile)
    if status.st_size > 0 {
      switch existing {
      case .own where owned.contains(identity): break
      case .own: throw StageFailure(place + foreign(shown))
      case .refuse: throw StageFailure(place + protected(shown))
      case .replace: break
      case .append: state = try stateForAppending(plan, file, size: Int(status.st_size), shown: shown)
      }
    }
    if state.length == 0, ftruncate(file.raw, 0) != 0 { throw SystemCallError.last("ftruncate", shown) }
    owned.removeAll { $0 == identity }
    owned = owned.suffix(rememberedOutputs - 1) + [identity]
    try storeOwned(owned, in: ownerFile)
    // A name that is not durable could be lost with all that was committed under it.
    try makeNamesDurable(in: names.folder)
    return state
  } catch let error as StageFailure {
    throw error
  } catch {
    throw StageFailure("\(place)\(shown) can't be written: \(error)")
  }
}

/// A file that is appended to must end with a newline, and in CSV its header names the columns.
private func stateForAppending(
  _ plan: SinkPlan, _ file: borrowing Descriptor, size: Int, shown: String
) throws -> SinkState {
  var last: UInt8 = 0
  _ = try withUnsafeMutableBytes(of: &last) { try file.pread(into: $0, at: size - 1) }
  guard last == UInt8(ascii: "\n") else {
    throw StageFailure("\(shown): error: it does not end with a newline, so nothing can be appended to it")
  }
  var state = SinkState(length: UInt64(size), base: UInt64(size))
  guard case .csv(let options) = plan.format else { return state }
  let header = try withUnsafeTemporaryAllocation(byteCount: min(size, 1 << 20), alignment: 1) { room in
    let count = try file.pread(into: room, at: 0)
    return try CSVHeader.read(
      UnsafeRawBufferPointer(rebasing: room[..<count]), delimiter: options.delimiter, isEnd: count == size)
  }
  if let header, let columns = options.columns, header.columns != columns {
    throw StageFailure("\(shown):1: error: its columns are not those of the sink; they must be the same")
  }
  state.columns = header?.columns
  state.hasWrittenHeader = header != nil
  return state
}

/// Makes the folders above a file.
func makeFolders(of path: String) throws(SystemCallError) {
  var end = path.startIndex
  while let slash = path[end...].dropFirst().firstIndex(of: "/") {
    let folder = String(path[..<slash])
    if mkdir(folder, 0o777) != 0 && errno != EEXIST { throw .last("mkdir", folder) }
    end = slash
  }
}
