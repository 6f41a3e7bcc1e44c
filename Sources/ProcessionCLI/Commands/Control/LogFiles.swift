import ArgumentParser
import Control
import Glibc
import POSIXKit
import PipelineFile

/// The log in a state folder: `log`, and what was rotated away as `log.1` and so on, oldest last. Its lines are
/// records as JSON or as text with time and level, whichever the run was told to write.
struct LogFiles {
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

  /// The last so many records about a stage or a slot, or about anything; oldest first.
  func last(_ count: Int, of name: String?) throws -> [LogRecord] {
    guard access("\(folder)/log", F_OK) == 0 else {
      throw LiveRun.failure("there is no log in \(folder); a detached run writes one")
    }
    var found: [LogRecord] = []
    for path in paths where found.count < count {
      let fitting = try records(of: path).filter { name == nil || Self.concerns($0, name!) }
      found = fitting.suffix(count - found.count) + found
    }
    return found
  }

  /// The newest first.
  private var paths: [String] {
    var paths = ["\(folder)/log"]
    while access("\(folder)/log.\(paths.count)", F_OK) == 0 { paths.append("\(folder)/log.\(paths.count)") }
    return paths
  }

  private func records(of path: String) throws -> [LogRecord] {
    let bytes: [UInt8]
    do {
      bytes = try Descriptor.open(path).readAll()
    } catch {
      throw LiveRun.failure("the log can't be read: \(error)")
    }
    let pipeline = folder.split(separator: "/").last.map(String.init) ?? ""
    var records: [LogRecord] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if line.first == UInt8(ascii: "{"), let record = try? LogRecord(jsonLine: line) {
        records.append(record)
      } else if let record = Self.record(dated: String(decoding: line, as: UTF8.self), pipeline) {
        records.append(record)
      } else if !records.isEmpty {
        // A message of several lines, such as a crash report.
        records[records.count - 1].message += "\n" + String(decoding: line, as: UTF8.self)
      }
    }
    return records
  }

  /// `2026-11-23T02:41:57.123Z warning clean.0: message`; nil for what does not begin like that.
  private static func record(dated line: String, _ pipeline: String) -> LogRecord? {
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3, let time = WallClock.time(of: String(words[0])),
      let level = LogRecord.Level(rawValue: String(words[1]))
    else { return nil }
    var record = LogRecord(time: time, level: level, pipeline: pipeline, message: String(words[2]))
    let who = words[2].prefix { $0 != " " && $0 != ":" }
    if let dot = who.lastIndex(of: "."), Int(who[who.index(after: dot)...]) != nil {
      record.stage = String(who[..<dot])
      record.slot = String(who)
      if words[2].hasPrefix("\(who): ") { record.message = String(words[2].dropFirst(who.count + 2)) }
    }
    return record
  }

  private static func concerns(_ record: LogRecord, _ name: String) -> Bool {
    record.stage == name || record.slot == name || record.message.hasPrefix("\(name): ")
  }
}
