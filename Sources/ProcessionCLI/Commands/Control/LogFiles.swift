import ArgumentParser
import Control
import Glibc
import POSIXKit
import PipelineFile

/// The log in a state folder: `log`, and what was rotated away as `log.1` and so on, oldest last.
struct LogFiles {
  enum Line {
    case record(LogRecord)
    /// What is no record: a line that was cut, or that says that some were lost.
    case other(String)
  }

  let folder: String

  init(folder: String) { self.folder = folder }

  /// Nil where the text is no pipeline that has a log here.
  init?(pipeline: String) throws {
    var folder = "\(PipelineOptions.currentDirectory())/.procession/\(pipeline)"
    if access(pipeline, F_OK) == 0 {
      guard let options = try? PipelineOptions.parse([pipeline]) else { return nil }
      folder = try StateOptions.parse([]).folder(of: options.load().plan)
    }
    if access("\(folder)/log", F_OK) != 0 { return nil }
    self.folder = folder
  }

  /// The last so many that a record fits, oldest first; lines that are no records fit always.
  func last(_ count: Int, where fits: (LogRecord) -> Bool) throws -> [Line] {
    guard access("\(folder)/log", F_OK) == 0 else {
      throw LiveRun.failure("there is no log in \(folder); a detached run writes one")
    }
    var found: [Line] = []
    for path in paths {
      for line in try Self.lines(of: path).reversed() {
        if found.count == count { return found.reversed() }
        if let record = try? LogRecord(jsonLine: line) {
          if fits(record) { found.append(.record(record)) }
        } else {
          found.append(.other(String(decoding: line, as: UTF8.self)))
        }
      }
    }
    return found.reversed()
  }

  /// The newest first.
  private var paths: [String] {
    var paths = ["\(folder)/log"]
    while access("\(folder)/log.\(paths.count)", F_OK) == 0 { paths.append("\(folder)/log.\(paths.count)") }
    return paths
  }

  private static func lines(of path: String) throws -> [ArraySlice<UInt8>] {
    do {
      return try Descriptor.open(path).readAll().split(separator: UInt8(ascii: "\n"))
    } catch {
      throw LiveRun.failure("the log can't be read: \(error)")
    }
  }
}
