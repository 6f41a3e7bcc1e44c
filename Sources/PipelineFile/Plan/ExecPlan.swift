/// `exec`: an external program that works on records.
package struct ExecPlan: Codable, Sendable, Equatable {
  package enum Unit: String, Codable, Sendable, CaseIterable {
    /// A long-lived program answers each line with one.
    case line
    /// A process for each batch.
    case batch
  }

  /// What the program reads.
  package enum Input: String, Codable, Sendable, CaseIterable {
    /// A JSON text a line.
    case json
    /// A row a line.
    case csv
    /// The text itself.
    case lines
  }

  /// What the program writes.
  package enum Output: String, Codable, Sendable, CaseIterable {
    case json
    case lines
  }

  package struct Variable: Codable, Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// When a program that ended is started again. Nanoseconds.
  package struct Restart: Codable, Sendable, Equatable {
    /// Ends in a row without an answer between them that are borne; one more ends the run.
    package var max: Int
    package var firstBackoff: UInt64
    package var lastBackoff: UInt64

    package static let standard = Restart(max: 10, firstBackoff: 20_000_000, lastBackoff: 1_000_000_000)

    package init(max: Int, firstBackoff: UInt64, lastBackoff: UInt64) {
      self.max = max
      self.firstBackoff = firstBackoff
      self.lastBackoff = lastBackoff
    }
  }

  /// The program and its arguments; with `shell` one text for `/bin/sh -c`.
  package var command: [String]
  package var shell: Bool
  package var per: Unit
  /// nil: lines of text where the records are such, else JSON.
  package var input: Input?
  /// nil: JSON where the program reads JSON, else lines of text.
  package var output: Output?
  /// The columns of `csv`; nil for those of the records.
  package var columns: [String]?
  /// Nanoseconds of silence after which the program is ended; nil for as long as it takes.
  package var deadline: UInt64?
  /// The most lines that wait for an answer.
  package var window: Int
  package var restart: Restart
  /// Added to the environment of the run, in this order.
  package var environment: [Variable]
  /// Absolute path of the program's file.
  package var program: String
  /// Absolute path of the folder that the program is started in.
  package var folder: String
  package var position: SourcePosition

  package static let standardWindow = 1024
  /// One minute for a line, ten for a batch.
  package static func standardDeadline(per unit: Unit) -> UInt64 {
    unit == .line ? 60_000_000_000 : 600_000_000_000
  }

  package init(
    command: [String], shell: Bool = false, per: Unit, input: Input? = nil, output: Output? = nil,
    columns: [String]? = nil, deadline: UInt64?, window: Int = ExecPlan.standardWindow,
    restart: Restart = .standard, environment: [Variable] = [], program: String, folder: String,
    position: SourcePosition
  ) {
    self.command = command
    self.shell = shell
    self.per = per
    self.input = input
    self.output = output
    self.columns = columns
    self.deadline = deadline
    self.window = window
    self.restart = restart
    self.environment = environment
    self.program = program
    self.folder = folder
    self.position = position
  }

  /// The program's name, for messages: the last part of its path.
  package var name: String {
    let first = shell ? "sh" : command.first ?? program
    return first.split(separator: "/").last.map(String.init) ?? first
  }

  /// The command on one line, for messages; long ones are cut.
  package var shown: String { quoted(command.joined(separator: " ")) }
}
