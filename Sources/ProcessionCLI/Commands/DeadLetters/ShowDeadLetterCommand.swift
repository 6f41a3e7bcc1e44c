import ArgumentParser
import POSIXKit
import Records
import Stages

/// `procession dead-letters show`: everything about one of them.
struct ShowDeadLetterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one dead letter: the record, why it failed, and its worker's last words.")

  @OptionGroup var options: DeadLetterOptions

  @Argument(help: "Its id, as 'list' shows it.")
  var id: Int64

  func run() throws {
    try options.withStore { store in
      guard let stored = try store?.letter(id) else { throw DeadLetterOptions.refuse(unknown: [id]) }
      if options.pipeline.json { return Terminal.printLetter(stored) }
      let letter = stored.letter
      let origin = stored.origin
      let replay = stored.replay.map { " (replay \($0))" } ?? ""
      let rows = [
        ["id", String(stored.id)], ["state", stored.state.rawValue + replay], ["stage", origin.stage],
        ["step", letter.step == 0 ? "the stage as a whole" : String(letter.step)],
        [stored.kind, stored.causeText], ["attempts", String(letter.attempts)], ["worker", letter.worker],
        ["time", WallClock.text(letter.time)], ["input", stored.place],
        [
          "batch",
          "\(origin.sequence) of \(origin.origin).\(origin.slot), record \(letter.record) "
            + "(run \(String(origin.run, radix: 16)), branch \(String(origin.branch, radix: 16)))",
        ],
      ]
      for line in Columns.lines(rows) { Terminal.printOutput(line) }
      Terminal.printOutput("record\n\(Self.indented(stored.recordText))")
      if !letter.lastWords.isEmpty {
        Terminal.printOutput("last words\n\(Self.indented(letter.lastWords))")
      }
    }
  }

  private static func indented(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return lines.map { "  \($0)" }.joined(separator: "\n")
  }
}

extension Terminal {
  /// A letter as one line of JSON, without a limit on its size.
  static func printLetter(_ stored: StoredLetter) {
    var buffer = BatchBuffer(headroom: 0, capacity: 1024)
    stored.appendJSON(into: &buffer)
    buffer.withPayload { write(String(decoding: $0, as: UTF8.self), to: 1) }
  }
}
