/// A checked pipeline: what a file means once every default is filled in and every name resolved.
///
/// Plain values, encodable as canonical JSON: the supervisor hands a plan to workers that were not forked
/// from it, and `validate --print` and the state directory show it. It holds no secret's value.
package struct Plan: Codable, Sendable, Equatable {
  package var name: String
  /// The pipeline file as the user named it, for messages.
  package var file: String
  /// Absolute path of the folder that holds the file: relative paths in it start here.
  package var directory: String
  /// Typed variables in the order of the file, as JSON texts; jq sees them as `$vars`.
  package var vars: [Variable]
  /// In the order of the file ("plan order"); `upstream` and `downstream` are indices into it. Where a stage
  /// keeps dead letters, one stage that no file declares comes last and stores them.
  package var stages: [StagePlan]
  package var deadLetters = DeadLetterPlan()
  package var strategy = StrategyChoice.oneForOne

  package struct Variable: Codable, Sendable, Equatable {
    package var name: String
    package var json: String

    package init(name: String, json: String) {
      self.name = name
      self.json = json
    }
  }

  /// The stages that the file declares: all but the implicit one.
  package var declaredStages: [StagePlan] {
    // The keeper of dead letters stands last, but in a stored plan that stages were added to.
    stages.filter { $0.work != .deadLetters }
  }

  package init(
    name: String, file: String, directory: String, vars: [Variable], stages: [StagePlan],
    deadLetters: DeadLetterPlan = DeadLetterPlan(), strategy: StrategyChoice = .oneForOne
  ) {
    self.name = name
    self.file = file
    self.directory = directory
    self.vars = vars
    self.stages = stages
    self.deadLetters = deadLetters
    self.strategy = strategy
  }
}

/// Where something was written in a pipeline file; lines and columns count from 1, columns in UTF-8 bytes.
package struct SourcePosition: Codable, Sendable, Equatable {
  package var file: String
  package var line: Int
  package var column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension SourcePosition: CustomStringConvertible {
  /// `file:line:column`.
  package var description: String { "\(file):\(line):\(column)" }
}

/// One stage: one kind of process.
package struct StagePlan: Codable, Sendable, Equatable {
  package var name: String
  package var position: SourcePosition
  package var upstream: [Int]
  package var downstream: [Int]
  package var workers: Int
  /// The method asked for; `reason` says why `auto` chose what `startMethod` holds.
  package var requestedStartMethod: StartMethodChoice
  package var startMethod: StartMethodChoice
  package var startMethodReason: String
  package var restart: RestartPlan
  package var errors: ErrorPlan
  package var limits: LimitPlan
  /// What decides which of the stage's workers gets a record; nil where any may have it.
  package var key: JQPlan?
  package var work: StageWork

  package init(
    name: String, position: SourcePosition, upstream: [Int], downstream: [Int], workers: Int,
    requestedStartMethod: StartMethodChoice, startMethod: StartMethodChoice, startMethodReason: String,
    restart: RestartPlan, errors: ErrorPlan = ErrorPlan(), limits: LimitPlan = LimitPlan(),
    key: JQPlan? = nil, work: StageWork
  ) {
    self.name = name
    self.position = position
    self.upstream = upstream
    self.downstream = downstream
    self.workers = workers
    self.requestedStartMethod = requestedStartMethod
    self.startMethod = startMethod
    self.startMethodReason = startMethodReason
    self.restart = restart
    self.errors = errors
    self.limits = limits
    self.key = key
    self.work = work
  }
}

package enum StartMethodChoice: String, Codable, Sendable, CaseIterable {
  case auto, fork, spawn, forkserver
}

/// When a dead worker is replaced: at most `max` restarts within `window`, delays growing from
/// `firstBackoff` to `lastBackoff` (all in nanoseconds).
package struct RestartPlan: Codable, Sendable, Equatable {
  package enum Policy: String, Codable, Sendable, CaseIterable {
    case always
    case onFailure = "on-failure"
    case never
  }
  package var policy: Policy
  package var max: Int
  package var window: UInt64
  package var firstBackoff: UInt64
  package var lastBackoff: UInt64
  package var exceeded: Exceeded

  /// What follows from more than `max` restarts within `window`.
  package enum Exceeded: String, Codable, Sendable, CaseIterable { case stop, park }

  /// `always`, 5 restarts within 60 s, 50 ms to 5 s.
  package static let standard = RestartPlan(
    policy: .always, max: 5, window: 60_000_000_000, firstBackoff: 50_000_000, lastBackoff: 5_000_000_000)

  package init(
    policy: Policy, max: Int, window: UInt64, firstBackoff: UInt64, lastBackoff: UInt64,
    exceeded: Exceeded = .stop
  ) {
    self.policy = policy
    self.max = max
    self.window = window
    self.firstBackoff = firstBackoff
    self.lastBackoff = lastBackoff
    self.exceeded = exceeded
  }
}

/// `source: file`.
package struct FileSourcePlan: Codable, Sendable, Equatable {
  /// As written, after interpolation: a path, a glob, or `-` for standard input.
  package var pattern: String
  package var position: SourcePosition
  /// The files it stands for, in the order of reading (byte order of their paths); empty for standard input.
  package var files: [InputFile]
  package var format: FileFormat
  /// Never ends: waits for what is appended, through rotation and truncation. One file.
  package var follow: Bool
  /// Keeps what it reads in a log of its own, for an input that can't be read again.
  package var spool: Bool

  package init(
    pattern: String, position: SourcePosition, files: [InputFile], format: FileFormat, follow: Bool = false,
    spool: Bool = false
  ) {
    self.pattern = pattern
    self.position = position
    self.files = files
    self.format = format
    self.follow = follow
    self.spool = spool
  }
}

/// A file as it was when the run began: a restarted source reads exactly these bytes again.
package struct InputFile: Codable, Sendable, Equatable {
  /// Absolute.
  package var path: String
  /// Relative to the shell's folder where that is shorter: for messages.
  package var shown: String
  package var size: UInt64
  package var device: UInt64
  package var inode: UInt64
  /// Time of the last change, in nanoseconds since 1970: a file of the same size may hold other bytes.
  package var modified: UInt64

  package init(
    path: String, shown: String, size: UInt64, device: UInt64, inode: UInt64, modified: UInt64 = 0
  ) {
    self.path = path
    self.shown = shown
    self.size = size
    self.device = device
    self.inode = inode
    self.modified = modified
  }
}

package enum FileFormat: Codable, Sendable, Equatable {
  case csv(CSVOptions)
  case jsonLines
  case lines
}

/// How CSV is read, or written by a sink.
package struct CSVOptions: Codable, Sendable, Equatable {
  package enum Ragged: String, Codable, Sendable, CaseIterable { case fail, pad }
  package enum CellType: String, Codable, Sendable, CaseIterable { case text, number, boolean }
  /// What to do with a glob's files whose headers differ from the first one's.
  package enum Headers: String, Codable, Sendable, CaseIterable { case same, each }

  package var delimiter: UInt8
  package var nulls: [String]
  package var infer: Bool
  /// Column name and type, in the order of the file.
  package var types: [ColumnType]
  package var ragged: Ragged
  package var headers: Headers
  /// A sink's columns, or nil for those of its first record.
  package var columns: [String]?

  package struct ColumnType: Codable, Sendable, Equatable {
    package var column: String
    package var type: CellType

    package init(column: String, type: CellType) {
      self.column = column
      self.type = type
    }
  }

  package init(
    delimiter: UInt8 = UInt8(ascii: ","), nulls: [String] = [""], infer: Bool = true,
    types: [ColumnType] = [], ragged: Ragged = .fail, headers: Headers = .same, columns: [String]? = nil
  ) {
    self.delimiter = delimiter
    self.nulls = nulls
    self.infer = infer
    self.types = types
    self.ragged = ragged
    self.headers = headers
    self.columns = columns
  }
}

/// One step of a stage's chain.
package enum StepPlan: Codable, Sendable, Equatable {
  case filter(JQPlan)
  case map(JQPlan)
  case lookup(LookupPlan)
  case exec(ExecPlan)
  case use(UsePlan)

  /// The key under which it stands in a file.
  package var kind: String {
    switch self {
    case .filter: "filter"
    case .map: "map"
    case .lookup: "lookup"
    case .exec: "exec"
    case .use(let use): "use \(use.name)"
    }
  }

  /// Whether it is made of jq programs.
  package var isExpression: Bool {
    switch self {
    case .filter, .map, .lookup: true
    case .exec, .use: false
    }
  }
}

/// A jq program with the place in the file where its first character stands.
package struct JQPlan: Codable, Sendable, Equatable {
  package var program: String
  package var position: SourcePosition

  package init(program: String, position: SourcePosition) {
    self.program = program
    self.position = position
  }
}

/// `lookup`: joins one record of a table by key.
package struct LookupPlan: Codable, Sendable, Equatable {
  package enum Missing: String, Codable, Sendable, CaseIterable {
    /// The field becomes null.
    case null
    /// The record is dropped (counted as filtered).
    case drop
    /// The run fails at this record.
    case fail
    /// The record is refused like one whose step throws: the stage's `onError` says what becomes of it.
    case deadLetter = "dead-letter"
  }
  package var table: InputFile
  package var format: FileFormat
  /// jq program that gives a record's key.
  package var key: JQPlan
  /// The table's key column or field; the name in `key` when that is a plain `.name`.
  package var tableKey: String
  /// The field that receives the table's record.
  package var field: String
  package var missing: Missing
  package var position: SourcePosition

  package init(
    table: InputFile, format: FileFormat, key: JQPlan, tableKey: String, field: String, missing: Missing,
    position: SourcePosition
  ) {
    self.table = table
    self.format = format
    self.key = key
    self.tableKey = tableKey
    self.field = field
    self.missing = missing
    self.position = position
  }
}
