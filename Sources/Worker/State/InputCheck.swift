import Glibc
import PipelineFile

/// Whether the files that a run began with can still be read as they were then.
enum InputCheck {
  /// The plan with the devices that its input files are on now: a disk may have another number after the machine
  /// was started again. A file is the same by its inode there, its size and its time.
  static func withPresentDevices(_ plan: Plan) -> Plan {
    var plan = plan
    for index in plan.stages.indices {
      guard case .source(var source) = plan.stages[index].work else { continue }
      for file in source.files.indices {
        var status = stat()
        guard stat(source.files[file].path, &status) == 0,
          UInt64(status.st_ino) == source.files[file].inode
        else { continue }
        source.files[file].device = UInt64(status.st_dev)
      }
      plan.stages[index].work = .source(source)
    }
    return plan
  }

  /// One sentence for each file that can't. A file that only grew is read as far as it went.
  static func problems(of plan: Plan) -> [String] {
    plan.stages.flatMap { stage -> [String] in
      guard case .source(let source) = stage.work, !source.follow else { return [] }
      return source.files.compactMap(problem)
    }
  }

  private static func problem(of file: InputFile) -> String? {
    var status = stat()
    guard stat(file.path, &status) == 0 else {
      return "\(file.shown) can't be looked at: \(String(cString: strerror(errno)))"
    }
    if UInt64(status.st_dev) != file.device || UInt64(status.st_ino) != file.inode {
      return "\(file.shown) is another file than when the run began"
    }
    let size = UInt64(max(0, status.st_size))
    if size < file.size {
      return "\(file.shown) had \(file.size) bytes when the run began, and has \(size) now"
    }
    let modified = UInt64(status.st_mtim.tv_sec) * 1_000_000_000 + UInt64(status.st_mtim.tv_nsec)
    if size == file.size && modified != file.modified {
      return "\(file.shown) was written to since the run began"
    }
    return nil
  }
}
