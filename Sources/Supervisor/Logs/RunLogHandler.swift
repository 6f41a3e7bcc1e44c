import Control
import Logging
import POSIXKit

/// What swift-log knows of a ``RunLog``: makes records of its events.
///
/// Sendable by swift-log's rule only: the supervisor has one thread.
struct RunLogHandler: LogHandler, @unchecked Sendable {
  private let log: RunLog
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(_ log: RunLog) {
    self.log = log
    logLevel = Logger.Level(rawValue: log.level.rawValue) ?? .info
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var known = metadata.merging(event.metadata ?? [:]) { $1 }
    if let error = event.error { known["error"] = .string("\(error)") }
    var record = LogRecord(
      time: WallClock.now(), level: LogRecord.Level(rawValue: event.level.rawValue) ?? .info,
      pipeline: log.pipeline, message: event.message.description)
    record.stage = known.removeValue(forKey: "stage")?.description
    record.slot = known.removeValue(forKey: "slot")?.description
    // A dictionary has no order, and two lines of a kind should look alike.
    record.fields = known.sorted { $0.key < $1.key }.map { ($0.key, Self.value($0.value)) }
    log.add(record)
  }

  private static func value(_ value: Logger.MetadataValue) -> LogRecord.Value {
    switch value {
    case .string(let text): .text(text)
    case .stringConvertible(let value): self.value(of: value)
    case .array(let values): .lines(values.map(\.description))
    case .dictionary: .text(value.description)
    }
  }

  private static func value(of any: any CustomStringConvertible) -> LogRecord.Value {
    switch any {
    case let value as Bool: .truth(value)
    case let value as any BinaryInteger:
      Int64(exactly: value).map { .integer($0) } ?? .text(value.description)
    case let value as Double: .decimal(value)
    default: .text(any.description)
    }
  }
}
