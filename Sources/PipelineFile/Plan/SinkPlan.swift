/// Where a sink writes, in which form and order.
package struct SinkPlan: Codable, Sendable, Equatable {
  package enum Target: Codable, Sendable, Equatable {
    /// A file, or with several workers or `rotate` a series of them.
    case file(FileTarget)
    case sqlite(SQLiteTarget)
    case standardOutput
    /// Nowhere: for measuring what stands above.
    case discard
    /// A sink that the program brings.
    case user(UsePlan)
  }
  package enum Existing: String, Codable, Sendable, CaseIterable { case own, replace, append, refuse }
  package enum Order: String, Codable, Sendable, CaseIterable {
    /// The order that one worker per stage would write: by batch, then by the order of the sources.
    case source
    /// As batches come, in order only within each source.
    case any
  }

  package var target: Target
  package var format: FileFormat
  package var order: Order
  package var position: SourcePosition

  package init(target: Target, format: FileFormat, order: Order = .source, position: SourcePosition) {
    self.target = target
    self.format = format
    self.order = order
    self.position = position
  }
}

/// `sink: file`.
package struct FileTarget: Codable, Sendable, Equatable {
  /// When a part is closed and the next begun; whichever comes first.
  package struct Rotation: Codable, Sendable, Equatable {
    /// Bytes after which a part is closed, at the end of a batch.
    package var size: UInt64?
    /// Nanoseconds after which a part that has records is closed.
    package var every: UInt64?

    package init(size: UInt64?, every: UInt64?) {
      self.size = size
      self.every = every
    }
  }

  /// Absolute.
  package var path: String
  /// The path to show.
  package var shown: String
  package var existing: SinkPlan.Existing
  package var rotation: Rotation?

  package init(path: String, shown: String, existing: SinkPlan.Existing, rotation: Rotation? = nil) {
    self.path = path
    self.shown = shown
    self.existing = existing
    self.rotation = rotation
  }
}

/// `sink: sqlite`: a table of a database file; rows and the sink's place are one transaction.
package struct SQLiteTarget: Codable, Sendable, Equatable {
  package enum ColumnType: String, Codable, Sendable, CaseIterable { case text, integer, real, any }
  package struct Column: Codable, Sendable, Equatable {
    package var name: String
    package var type: ColumnType

    package init(name: String, type: ColumnType) {
      self.name = name
      self.type = type
    }
  }

  /// Absolute.
  package var path: String
  package var shown: String
  package var table: String
  /// Columns by which a later record replaces an earlier one; empty: every record is a row.
  package var key: [String]
  /// nil: those of the first record.
  package var columns: [Column]?
  package var existing: SinkPlan.Existing

  package init(
    path: String, shown: String, table: String, key: [String], columns: [Column]?,
    existing: SinkPlan.Existing
  ) {
    self.path = path
    self.shown = shown
    self.table = table
    self.key = key
    self.columns = columns
    self.existing = existing
  }
}
