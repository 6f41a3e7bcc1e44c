import Glibc
import POSIXKit
import PipelineFile

/// Makes a rotated output ready for a new run: judges all parts, open or closed, before it touches one.
func prepareParts(
  _ names: PartNames, shown: String, existing: SinkPlan.Existing, place: String, ownerFile: String
) throws(StageFailure) -> SinkState {
  do {
    try makeFolders(of: names.closed(1))
    let numbers = try names.present()
    var owned = ownedOutputs(in: ownerFile)
    var first: UInt32 = 1
    var found: [(path: String, identity: String)] = []
    for number in numbers {
      for path in [names.closed(number), names.open(number)] {
        var status = stat()
        guard lstat(path, &status) == 0 else { continue }
        guard status.st_mode & S_IFMT == S_IFREG else {
          throw StageFailure("\(place)\(path) is not a regular file; move it away")
        }
        found.append((path, "\(status.st_dev):\(status.st_ino)"))
      }
    }
    switch existing {
    case .refuse where !found.isEmpty: throw StageFailure(place + protected(found[0].path))
    case .own:
      if let other = found.first(where: { !owned.contains($0.identity) }) {
        throw StageFailure(place + foreign(other.path))
      }
    case .append: first = (numbers.last ?? 0) + 1
    case .replace, .refuse: break
    }
    if existing != .append {
      for file in found {
        guard unlink(file.path) == 0 else { throw SystemCallError.last("unlink", file.path) }
      }
      let removed = Set(found.map(\.identity))
      owned.removeAll { removed.contains($0) }
      try storeOwned(owned, in: ownerFile)
    }
    try makeNamesDurable(in: names.folder)
    return SinkState(parts: SinkState.Parts(number: first, first: first))
  } catch let error as StageFailure {
    throw error
  } catch {
    throw StageFailure("\(place)\(shown) can't be written: \(error)")
  }
}
