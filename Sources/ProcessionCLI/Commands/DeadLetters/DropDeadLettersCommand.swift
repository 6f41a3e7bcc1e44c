import ArgumentParser
import POSIXKit
import Stages

/// `procession dead-letters drop`: forgets some of them for good.
struct DropDeadLettersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Forget dead letters for good.",
    discussion: "Letters that are being replayed stay: drop them when the replay is complete.")

  @OptionGroup var options: DeadLetterOptions

  @Argument(help: "The ids of those to drop.")
  var ids: [Int64] = []

  @Flag(name: .long, help: "Drop all of them.")
  var all = false

  @Option(name: .long, help: "Drop those that are older than this, such as 12h or 7d.")
  var olderThan: DurationArgument?

  func validate() throws {
    let ways = [!ids.isEmpty, all, olderThan != nil].filter { $0 }.count
    guard ways == 1 else {
      throw ValidationError(
        ways == 0
          ? "name the ids of dead letters, or write --all or --older-than"
          : "ids, --all and --older-than can't be mixed; write one of them")
    }
  }

  func run() throws {
    try options.withStore { store in
      let unknown = try ids.filter { try store?.letter($0) == nil }
      if !unknown.isEmpty { throw DeadLetterOptions.refuse(unknown: unknown) }
      guard let store else { return Terminal.printError("no dead letters") }
      var filter = LetterFilter(ids: ids.isEmpty ? nil : ids)
      let dropped: Int
      if let olderThan {
        dropped = try store.drop(olderThan: olderThan.before(WallClock.now()))
      } else {
        dropped = try store.drop(filter)
      }
      Terminal.printError(dropped == 1 ? "1 dead letter dropped" : "\(dropped) dead letters dropped")
      filter.state = .replaying
      let kept = olderThan == nil ? try store.count(filter) : 0
      if kept > 0 { Terminal.printError("\(kept) of them being replayed stay") }
    }
  }
}
