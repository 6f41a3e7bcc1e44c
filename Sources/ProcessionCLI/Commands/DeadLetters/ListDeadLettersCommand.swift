import ArgumentParser
import POSIXKit
import PipelineFile
import Stages

/// `procession dead-letters list`: a table of them.
struct ListDeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List dead letters, the newest last.")

  @OptionGroup var options: DeadLetterOptions

  @Option(name: .long, help: "Only those of this stage.")
  var stage: String?

  @Option(name: .long, help: "Only those with this text in their cause, or of this kind (error, death).")
  var cause: String?

  @Option(name: .long, help: "Only those of the last so long, such as 30m, 12h or 7d.")
  var since: DurationArgument?

  @Option(name: .long, help: "Only those in this state: dead, replaying or replayed.")
  var only: StateArgument?

  @Option(name: .long, help: "The newest so many (default: 100; 0: all).")
  var limit = 100

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit \(limit) is below 0; write 0 for all of them") }
  }

  func run() throws {
    var filter = LetterFilter(
      stage: stage, cause: cause, since: since.map { $0.before(WallClock.now()) }, state: only?.state)
    try options.withStore { store in
      let count = try store?.count(filter) ?? 0
      if limit > 0 { filter.limit = limit }
      let letters = try store?.letters(filter) ?? []
      if options.pipeline.json {
        return try Terminal.printJSON(DeadLettersDocument(letters, count: count))
      }
      if letters.isEmpty { return Terminal.printError("no dead letters") }
      let heading = ["id", "time", "stage", "step", "cause", "input", "state"]
      for line in Columns.lines([heading] + letters.map(Self.row), numeric: [0, 3]) {
        Terminal.printOutput(line)
      }
      if letters.count < count {
        Terminal.printError("the newest \(letters.count) of \(count) dead letters; --limit 0 lists all")
      }
    }
  }

  private static func row(_ stored: StoredLetter) -> [String] {
    [
      String(stored.id), WallClock.text(stored.letter.time), stored.origin.stage,
      stored.letter.step == 0 ? "-" : String(stored.letter.step), shortCause(stored), stored.place,
      stored.state.rawValue,
    ]
  }

  private static let shownCause = 60

  /// The first line of the cause, cut where it is long.
  private static func shortCause(_ stored: StoredLetter) -> String {
    let line = stored.causeText.prefix { !$0.isNewline }
    let text = line.count > shownCause ? line.prefix(shownCause - 1) + "…" : line
    return stored.kind == "death" ? "death: \(text)" : String(text)
  }
}

/// `procession.dead-letters/1`: what `dead-letters list --json` prints.
struct DeadLettersDocument: Encodable {
  struct Entry: Encodable {
    let id: Int64
    let time: String
    let stage: String
    let step: Int
    let kind: String
    let cause: String
    let attempts: Int
    let worker: String
    let file: String
    let line: UInt64
    let state: String
  }

  let schema = "procession.dead-letters/1"
  /// All that the filters mean, listed or not.
  let count: Int
  let letters: [Entry]

  init(_ letters: [StoredLetter], count: Int) {
    self.count = count
    self.letters = letters.map { stored in
      Entry(
        id: stored.id, time: WallClock.text(stored.letter.time), stage: stored.origin.stage,
        step: Int(stored.letter.step), kind: stored.kind, cause: stored.causeText,
        attempts: Int(stored.letter.attempts), worker: stored.letter.worker, file: stored.origin.file,
        line: stored.letter.line, state: stored.state.rawValue)
    }
  }
}
