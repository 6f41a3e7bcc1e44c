import Multiprocessing
import POSIXKit
import PipelineFile
import Records

/// Gives lines to a long-lived program and takes an answer for each.
///
/// Both pipes are served by one poll loop, so neither side waits for the other with a full pipe.
final class LineExchange {
  /// How the program of a line that was refused ended.
  struct Refusal {
    var line: Int
    var text: String
  }

  /// An answer of more bytes is taken for the work of a program that went mad.
  private static let mostBytes = 256 << 20
  /// How long a program may take to end once its input has ended.
  private static let partingTime = Duration.seconds(2)
  /// A wait that took so much longer than asked for was a stop of the whole process (SIGSTOP, a suspended machine).
  private static let stopTime: UInt64 = 1_000_000_000
  /// The most that is waited for a surplus answer behind a program's first batch.
  private static let mostSettling: UInt64 = 200_000_000
  private static let leastSettling: UInt64 = 2_000_000

  private let plan: ExecPlan
  private let context: PartContext
  private var machine: LineExchangeStateMachine
  private var program: RunningProgram?
  private var startsAt: UInt64 = 0
  private var poller = Poller()
  /// The answers of the batch, with their newlines.
  private(set) var answers = BatchBuffer(headroom: 0, capacity: 0)
  /// Of each line, where its answer's newline stands; -1 for one that was refused.
  private(set) var ends: [Int] = []
  private(set) var refusals: [Refusal] = []
  /// How far the answers were looked through.
  private var scanned = 0
  /// Bytes of the batch that the program took.
  private var written = 0
  /// Why the program is being ended by this process.
  private var fault: Fault?
  /// The place of the line that was answered last.
  private var lastPlace = ""
  private var firstAnswer: UInt64 = 0
  private var lastAnswer: UInt64 = 0

  private enum Fault {
    case silent
    case closedOutput
    case closedInput
    case endlessAnswer
  }

  init(_ plan: ExecPlan, _ context: PartContext) {
    self.plan = plan
    self.context = context
    machine = LineExchangeStateMachine(.init(plan, attempts: context.attempts))
  }

  /// Fills ``answers``, ``ends`` and ``refusals`` for the lines of a batch. `place` gives a line's place in the
  /// input. What this throws ends the run.
  func run(_ lines: borrowing ProgramLines, place: (Int) -> String) throws(StageFailure) {
    answers.removeAll()
    ends.removeAll(keepingCapacity: true)
    refusals = []
    scanned = 0
    written = 0
    if lines.count == 0 { return }
    try checkIdle()
    machine.batchBegan(count: lines.count, now: MonotonicClock.now())
    while !machine.isDone { try turn(lines, place) }
    try checkSurplus(place(lines.count - 1))
  }

  /// Gives what may be given, waits, takes what has come.
  private func turn(_ lines: borrowing ProgramLines, _ place: (Int) -> String) throws(StageFailure) {
    guard let program = try running(lines) else { return }
    let wanted = lines.start(of: machine.limit)
    try give(lines, upTo: wanted, to: program)
    let ready = try wait(program, forWriting: written < wanted)
    if !ready.isEmpty {
      if try program.read(into: &answers) > 0 { try countAnswers(program, place) }
      if ready.contains(where: { $0.token == RunningProgram.Token.process.rawValue }) { try program.look() }
    }
    if machine.isDone { return }
    if !program.hasOutput { try program.awaitExit(until: MonotonicClock.deadline(after: Self.partingTime)) }
    if program.exit == nil, let fault = fault(of: program) {
      self.fault = fault
      program.end()
    }
    if program.exit != nil || fault != nil { try bury(program, place) }
  }

  /// The program, started where it is time; nil where that was waited for.
  private func running(_ lines: borrowing ProgramLines) throws(StageFailure) -> RunningProgram? {
    if let program { return program }
    if MonotonicClock.now() < startsAt {
      poller.removeAll()
      _ = try poll(until: startsAt)
    }
    let program = try RunningProgram.start(plan)
    self.program = program
    written = lines.start(of: machine.settled)
    machine.programStarted(now: MonotonicClock.now())
    return program
  }

  private func give(
    _ lines: borrowing ProgramLines, upTo end: Int, to program: RunningProgram
  ) throws(StageFailure) {
    if written >= end { return }
    let before = written
    try lines.bytes.withPayload { (bytes) throws(StageFailure) in
      while written < end {
        let count = try program.write(bytes.bytes(written..<end))
        if count == 0 { break }
        written += count
      }
    }
    if written == before { return }
    var given = machine.given
    // A line that was begun is owed its answer, which a program may begin before it has read it all.
    while given < lines.count, lines.start(of: given) < written { given += 1 }
    machine.linesGiven(given, now: MonotonicClock.now())
  }

  private func wait(
    _ program: RunningProgram, forWriting: Bool
  ) throws(StageFailure) -> [Poller.Ready] {
    poller.removeAll()
    program.watch(in: &poller, forWriting: forWriting)
    let deadline = machine.deadline
    let ready = try poll(until: deadline)
    let now = MonotonicClock.now()
    if let deadline, now > deadline, now - deadline > Self.stopTime { machine.signCame(now: now) }
    return ready
  }

  private func poll(until deadline: UInt64?) throws(StageFailure) -> [Poller.Ready] {
    do { return try poller.wait(until: deadline) } catch { throw StageFailure("\(error)") }
  }

  private func countAnswers(
    _ program: RunningProgram, _ place: (Int) -> String
  ) throws(StageFailure) {
    let now = MonotonicClock.now()
    machine.signCame(now: now)
    let settled = ends.count
    let owed = machine.owed
    answers.withPayload { bytes in
      while ends.count - settled < owed, let end = Bytes.first(UInt8(ascii: "\n"), in: bytes, from: scanned) {
        ends.append(end)
        scanned = end + 1
      }
    }
    if machine.owed == ends.count - settled, answers.count > scanned {
      throw surplus(behind: ends.isEmpty ? lastPlace : place(ends.count - 1))
    }
    guard ends.count > settled else { return }
    if !program.hasAnswered {
      program.hasAnswered = true
      firstAnswer = now
    }
    lastAnswer = now
    _ = machine.answersCame(ends.count - settled)
  }

  /// What is wrong with a program that runs.
  private func fault(of program: RunningProgram) -> Fault? {
    if let deadline = machine.deadline, MonotonicClock.now() >= deadline { return .silent }
    if !program.hasOutput { return .closedOutput }
    if !program.takesInput && machine.owed == 0 { return .closedInput }
    if answers.count - scanned > Self.mostBytes { return .endlessAnswer }
    return nil
  }

  /// Draws the consequence from the end of a program that owed answers.
  private func bury(_ program: RunningProgram, _ place: (Int) -> String) throws(StageFailure) {
    // What it had said before it ended counts.
    while try program.read(into: &answers) > 0 { try countAnswers(program, place) }
    let how = how(program)
    self.program = nil
    fault = nil
    let owed = machine.owed
    let first = machine.settled
    if machine.isDone, answers.count > scanned { throw surplus(behind: place(ends.count - 1)) }
    let consequence = machine.programEnded(now: MonotonicClock.now())
    // An answer that has no end is none.
    answers.truncate(to: scanned)
    switch consequence {
    case .none: break
    case .beginAnew(let time):
      answers.removeAll()
      ends.removeAll(keepingCapacity: true)
      scanned = 0
      startsAt = time
      say(
        "\(how), with \(Self.answers(owed)) owed, the first for \(place(first)); its batch begins anew, line by "
          + "line")
    case .tryAgain(let time):
      startsAt = time
      say("\(how), with \(place(first)) in hand; it is started again")
    case .refuse(let line, let attempts, let time):
      startsAt = time
      ends.append(-1)
      let times = attempts == 1 ? "" : ", \(attempts) times"
      let text = "\(how) with this record in hand\(times)\(program.words.shown)"
      refusals.append(Refusal(line: line, text: text))
      say("\(how), with \(place(line)) in hand\(times); the record is refused")
    case .giveUp(let ends):
      throw StageFailure(
        "\(plan.position): error: \(how), \(ends) times in a row without an answer, the last time with "
          + "\(place(first)) in hand\(program.words.shown); mend the program, or raise 'max' of 'restart' (stage "
          + "\(context.stage), step \(context.firstStep + 1), exec)")
    }
  }

  private func how(_ program: RunningProgram) -> String {
    let subject = "the program \(plan.shown)"
    switch fault {
    case .silent:
      return "\(subject) gave no answer for \(DurationText.format(plan.deadline ?? 0)) and was ended "
        + "(\(ExecAdvice.flushing(plan)))"
    case .closedOutput: return "\(subject) closed its standard output and was ended"
    case .closedInput: return "\(subject) closed its standard input and was ended"
    case .endlessAnswer:
      return "\(subject) gave an answer of more than \(Self.mostBytes >> 20) MiB and was ended"
    case nil:
      let status = program.exit.map { "\($0)" } ?? "status not known"
      return "\(subject) ended (\(status)) before it had answered"
    }
  }

  /// The program as it was left after the last batch: it owes nothing, so it has nothing to say.
  private func checkIdle() throws(StageFailure) {
    guard let program else { return }
    _ = try program.read(into: &answers)
    try program.look()
    if answers.count > 0 { throw surplus(behind: lastPlace) }
    guard program.exit != nil || !program.hasOutput || !program.takesInput else { return }
    if let exit = program.exit, !exit.isSuccess {
      say("the program \(plan.shown) ended (\(exit)) with nothing owed")
    }
    program.end()
    self.program = nil
    _ = machine.programEnded(now: MonotonicClock.now())
  }

  /// Behind the last answer of a batch nothing may follow. A program that says more than it is asked for as a
  /// rule does so from the start (a headline, two lines for one), so its first batch is looked at for longer.
  private func checkSurplus(_ place: String) throws(StageFailure) {
    lastPlace = place
    defer { firstAnswer = 0 }
    guard let program else { return }
    _ = try program.read(into: &answers)
    if answers.count == scanned, firstAnswer > 0 {
      let pace = (lastAnswer - firstAnswer) / UInt64(max(1, ends.count - 1))
      let span = min(max(pace * 4, Self.leastSettling), Self.mostSettling)
      poller.removeAll()
      program.watch(in: &poller, forWriting: false)
      _ = try poll(until: MonotonicClock.now() + span)
      _ = try program.read(into: &answers)
    }
    if answers.count > scanned { throw surplus(behind: place) }
  }

  private func surplus(behind place: String) -> StageFailure {
    let text = answers.withPayload { bytes in
      String(decoding: bytes.bytes(scanned..<min(bytes.count, scanned + 60)), as: UTF8.self)
    }
    let excerpt = text.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
    return StageFailure(
      "\(place): error: the program \(plan.shown) wrote '\(excerpt)' behind its answer to this line, and no line "
        + "is owed an answer: it must write one line for each line that it reads, and no headline or summary, so "
        + "its answers can't be told apart any more (\(plan.position), stage \(context.stage), step "
        + "\(context.firstStep + 1), exec)")
  }

  /// Ends the program's input and waits until it has left. Throws if it says anything behind its last answer.
  func finish() throws(StageFailure) {
    guard let program else { return }
    defer {
      program.end()
      self.program = nil
    }
    answers.removeAll()
    scanned = 0
    program.closeInput()
    let deadline = MonotonicClock.deadline(after: Self.partingTime)
    while program.exit == nil, answers.count == 0, MonotonicClock.now() < deadline {
      poller.removeAll()
      program.watch(in: &poller, forWriting: false)
      _ = try poll(until: deadline)
      _ = try program.read(into: &answers)
      try program.look()
    }
    _ = try program.read(into: &answers)
    if answers.count > 0 { throw surplus(behind: lastPlace) }
    if program.exit == nil {
      say("the program \(plan.shown) did not leave when its input ended, and was ended")
    }
  }

  private func say(_ text: String) { StandardStreams.say(text) }

  private static func answers(_ count: Int) -> String { count == 1 ? "1 answer" : "\(count) answers" }
}

extension LineExchangeStateMachine.Policy {
  init(_ plan: ExecPlan, attempts: Int) {
    self.init(
      window: plan.window, attempts: attempts, deadline: plan.deadline, mostFruitless: plan.restart.max,
      firstBackoff: plan.restart.firstBackoff, lastBackoff: plan.restart.lastBackoff)
  }
}
