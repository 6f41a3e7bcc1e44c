import Glibc
import POSIXKit

extension RunState {
  /// Removes a pipeline's state, and nothing else that may lie in its folder. Refused while a run has it.
  ///
  /// `mayRemove` is asked once nobody else can change it; what it answers is why not, or nil.
  package static func remove(_ folder: String, mayRemove: () -> String?) throws(RunStateError) {
    do {
      switch try FileLock.acquire("\(folder)/lock") {
      case .held(let pids): throw RunStateError.inUse(folder: folder, pids: pids)
      case .taken(let lock):
        if let refusal = mayRemove() { throw RunStateError.failed(refusal) }
        // Without its journal there is no run, whatever else is left.
        for name in ["journal", "journal.new", "plan.json", "plan.json.new"] { unlink("\(folder)/\(name)") }
        removeFolder("\(folder)/replay")
        removeFolder("\(folder)/slots")
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink("\(folder)/dead-letters.sqlite\(suffix)") }
        for name in ["run", "run.new", "format", "format.new", "lock"] { unlink("\(folder)/\(name)") }
        for suffix in [""] + (1...4).map({ ".\($0)" }) { unlink("\(folder)/log\(suffix)") }
        rmdir(folder)
        withExtendedLifetime(lock.descriptor.raw) {}
      }
    } catch let error as RunStateError {
      throw error
    } catch {
      throw .failed("the state in \(folder) can't be removed: \(error)")
    }
  }
}
