import Stages
import TestSupport
import Testing

/// The decisions of a line-wise exchange, against programs of all kinds that a seed makes.
@Suite struct LineExchangeTests {
  /// What a program does about each line of a batch.
  enum Habit {
    case answers
    /// Ends with the line in hand, before any answer that it still keeps.
    case ends
    /// Says nothing, and goes on with the next line.
    case skips
    /// Ends after it has answered the line.
    case endsBehind
  }

  static func policy(window: Int = 4, attempts: Int = 3, mostFruitless: Int = 10)
    -> LineExchangeStateMachine.Policy
  {
    .init(
      window: window, attempts: attempts, deadline: 1_000, mostFruitless: mostFruitless, firstBackoff: 10,
      lastBackoff: 100)
  }

  /// Runs a batch with a program of these habits. Nil: given up.
  private func play(
    _ habits: [Habit], _ policy: LineExchangeStateMachine.Policy, _ random: inout SeededRandom,
    _ machine: inout LineExchangeStateMachine
  ) throws -> (answers: [Int], refused: [Int])? {
    var now: UInt64 = 0
    machine.batchBegan(count: habits.count, now: now)
    var answers: [Int] = []
    var refused: [Int] = []
    var isRunning = false
    /// Lines that the program has got and not worked on.
    var queue: [Int] = []
    /// Answers on their way.
    var said: [Int] = []
    var steps = 0
    func forget(_ consequence: LineExchangeStateMachine.Consequence) -> Bool {
      isRunning = false
      queue = []
      said = []
      switch consequence {
      case .none: break
      case .beginAnew(let time):
        answers = []
        refused = []
        #expect(time >= now)
      case .tryAgain(let time): #expect(time >= now)
      case .refuse(let line, let attempts, _):
        #expect(attempts == policy.attempts)
        refused.append(line)
      case .giveUp: return false
      }
      return true
    }
    while !machine.isDone {
      steps += 1
      try #require(steps < 100_000, "no end in sight")
      now += 1
      if !isRunning {
        machine.programStarted(now: now)
        isRunning = true
      }
      if machine.given < machine.limit, random.next() % 2 == 0 {
        let more = 1 + Int(random.next() % UInt64(machine.limit - machine.given))
        queue += machine.given..<machine.given + more
        machine.linesGiven(machine.given + more, now: now)
      } else if !said.isEmpty, random.next() % 2 == 0 {
        let count = 1 + Int(random.next() % UInt64(said.count))
        for index in 0..<count { answers.append(said[index]) }
        said.removeFirst(count)
        machine.signCame(now: now)
        expect(machine.answersCame(count), is: true)
      } else if let line = queue.first {
        queue.removeFirst()
        switch habits[line] {
        case .answers: said.append(line)
        case .skips: break
        case .ends:
          // What it said before it ended can still be read.
          answers += said
          expect(machine.answersCame(said.count), is: true)
          if !forget(machine.programEnded(now: now)) { return nil }
        case .endsBehind:
          answers += said + [line]
          expect(machine.answersCame(said.count + 1), is: true)
          if !forget(machine.programEnded(now: now)) { return nil }
        }
      } else if said.isEmpty, machine.given == machine.limit {
        now = try #require(machine.deadline)
        if !forget(machine.programEnded(now: now)) { return nil }
      }
    }
    return (answers, refused)
  }

  /// Whatever a program does about single lines, each line gets the answer that was meant for it, or is refused.
  @Test(arguments: 0..<2_000) func everyLineGetsItsOwnAnswerOrIsRefused(_ seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    let attempts = 1 + Int(random.next() % 3)
    let policy = Self.policy(window: 1 + Int(random.next() % 8), attempts: attempts, mostFruitless: .max)
    var machine = LineExchangeStateMachine(policy)
    for _ in 0..<3 {
      let count = 1 + Int(random.next() % 12)
      let habits: [Habit] = (0..<count).map { _ in
        switch random.next() % 10 {
        case 0: .ends
        case 1: .skips
        case 2: attempts > 1 ? .endsBehind : .answers
        default: .answers
        }
      }
      let played = try play(habits, policy, &random, &machine)
      let made = try #require(played, "seed \(seed)")
      let wanted = habits.indices.filter { habits[$0] == .answers || habits[$0] == .endsBehind }
      #expect(made.answers == wanted, "seed \(seed): \(habits)")
      #expect(made.refused == habits.indices.filter { !wanted.contains($0) }, "seed \(seed): \(habits)")
    }
  }

  @Test func aProgramThatOnlyEndsIsGivenUp() throws {
    var random = SeededRandom(1)
    let policy = Self.policy()
    var machine = LineExchangeStateMachine(policy)
    let made = try play(Array(repeating: .ends, count: 50), policy, &random, &machine)
    #expect(made == nil)
    #expect(machine.fruitless == 11)
  }

  @Test func theWaitBeforeAStartGrowsAndEnds() {
    let policy = Self.policy()
    #expect((0...6).map(policy.backoff) == [0, 10, 20, 40, 80, 100, 100])
    #expect(policy.backoff(fruitless: 1_000_000) == 100)
  }

  @Test func anAnswerThatNoLineIsOwedIsTold() {
    var machine = LineExchangeStateMachine(Self.policy())
    machine.batchBegan(count: 2, now: 0)
    machine.programStarted(now: 0)
    machine.linesGiven(1, now: 0)
    expect(machine.answersCame(1), is: true)
    expect(machine.answersCame(1), is: false)
  }

  /// Time counts from the last sign of life, and only while something is owed.
  @Test func theDeadlineFollowsTheSignsOfLife() {
    var machine = LineExchangeStateMachine(Self.policy())
    machine.batchBegan(count: 2, now: 5)
    machine.programStarted(now: 10)
    machine.linesGiven(2, now: 20)
    #expect(machine.deadline == 1_020)
    machine.signCame(now: 700)
    #expect(machine.deadline == 1_700)
    expect(machine.answersCame(2), is: true)
    #expect(machine.deadline == nil)
  }

  /// The macro can't call what mutates.
  private func expect(_ value: Bool, is wanted: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(value == wanted, sourceLocation: sourceLocation)
  }
}
