/// What of a batch a line-wise program owes, and what follows when it ends or is silent. Pure.
///
/// At first many lines are in flight. An answer then belongs to a line by its number alone, so when the program
/// ends early or is silent, all answers of the batch are in doubt: the batch is begun anew with one line in
/// flight at a time, and whatever goes wrong then is that line's. One whose turn has come `attempts` times in
/// vain is refused.
package struct LineExchangeStateMachine {
  package struct Policy {
    /// The most lines that wait for an answer.
    package var window: Int
    /// Ends of the program over one line, after which that is refused.
    package var attempts: Int
    /// Nanoseconds that the program may say nothing while it owes answers.
    package var deadline: UInt64?
    /// Ends in a row without an answer between them that are borne.
    package var mostFruitless: Int
    package var firstBackoff: UInt64
    package var lastBackoff: UInt64

    package init(
      window: Int, attempts: Int, deadline: UInt64?, mostFruitless: Int, firstBackoff: UInt64,
      lastBackoff: UInt64
    ) {
      self.window = window
      self.attempts = attempts
      self.deadline = deadline
      self.mostFruitless = mostFruitless
      self.firstBackoff = firstBackoff
      self.lastBackoff = lastBackoff
    }

    /// Only a program that does nothing but end is kept waiting, longer each time.
    package func backoff(fruitless: Int) -> UInt64 {
      if fruitless == 0 { return 0 }
      let (grown, overflow) = firstBackoff.multipliedReportingOverflow(
        by: UInt64(1) << UInt64(min(fruitless - 1, 40)))
      return min(lastBackoff, overflow ? lastBackoff : grown)
    }
  }

  /// What follows from an end of the program.
  package enum Consequence: Equatable {
    /// Nothing was owed: it is started when there are lines again.
    case none
    /// All answers of the batch are to be forgotten, and the program started again at this time.
    case beginAnew(at: UInt64)
    /// The line that is owed first gets another turn.
    case tryAgain(at: UInt64)
    /// The line is refused after so many turns; the next gets its turn.
    case refuse(line: Int, attempts: Int, at: UInt64)
    /// It has ended so many times in a row without any answer.
    case giveUp(ends: Int)
  }

  private let policy: Policy
  /// Lines of the batch.
  package private(set) var count = 0
  /// Lines that were answered or refused: the next one is owed first.
  package private(set) var settled = 0
  /// Lines that the running program was given, the last one maybe in part.
  package private(set) var given = 0
  package private(set) var goesOneByOne = false
  /// Turns of the line that is owed first.
  private var turns = 0
  package private(set) var fruitless = 0
  private var hasAnswered = false
  /// When the program last showed life, or was given something to do.
  private var lastSign: UInt64 = 0

  package init(_ policy: Policy) { self.policy = policy }

  package mutating func batchBegan(count: Int, now: UInt64) {
    self.count = count
    settled = 0
    given = 0
    turns = 0
    goesOneByOne = min(count, policy.window) <= 1
    lastSign = now
  }

  package var isDone: Bool { settled == count }
  package var owed: Int { given - settled }
  /// Lines that may be given by now.
  package var limit: Int { min(count, settled + (goesOneByOne ? 1 : policy.window)) }
  /// When the program will have been silent for too long.
  package var deadline: UInt64? {
    guard !isDone, let span = policy.deadline else { return nil }
    let (sum, overflow) = lastSign.addingReportingOverflow(span)
    return overflow ? .max : sum
  }

  package mutating func programStarted(now: UInt64) {
    given = settled
    hasAnswered = false
    lastSign = now
  }

  /// So many lines in all were given, the last one maybe in part.
  package mutating func linesGiven(_ lines: Int, now: UInt64) {
    if lines > given && owed == 0 { lastSign = now }
    given = lines
  }

  /// The program said something.
  package mutating func signCame(now: UInt64) { lastSign = now }

  /// So many answers came; false if more than are owed.
  package mutating func answersCame(_ answers: Int) -> Bool {
    if answers == 0 { return true }
    guard answers <= owed else { return false }
    settled += answers
    turns = 0
    fruitless = 0
    hasAnswered = true
    return true
  }

  /// The program ended, or was ended.
  package mutating func programEnded(now: UInt64) -> Consequence {
    given = settled
    if isDone { return .none }
    fruitless = hasAnswered ? 0 : fruitless + 1
    if fruitless > policy.mostFruitless { return .giveUp(ends: fruitless) }
    let time = now + policy.backoff(fruitless: fruitless)
    if !goesOneByOne {
      goesOneByOne = true
      settled = 0
      given = 0
      turns = 0
      return .beginAnew(at: time)
    }
    turns += 1
    guard turns >= policy.attempts else { return .tryAgain(at: time) }
    defer {
      settled += 1
      given = settled
      turns = 0
    }
    return .refuse(line: settled, attempts: turns, at: time)
  }
}
