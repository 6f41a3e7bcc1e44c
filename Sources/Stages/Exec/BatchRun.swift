import Multiprocessing
import POSIXKit
import PipelineFile
import Records

/// Runs a program once over some input: all of it in, all it writes out.
struct BatchRun: ~Copyable {
  /// Output of more bytes is taken for the work of a program that went mad.
  private static let mostBytes = 1 << 30
  private static let stopTime: UInt64 = 1_000_000_000

  private let plan: ExecPlan
  private var poller = Poller()
  /// What it wrote.
  private var output = BatchBuffer(headroom: 0, capacity: 0)
  /// For messages: what it said last on standard error.
  private(set) var words = ""

  init(_ plan: ExecPlan) { self.plan = plan }

  /// Runs the program over the first `header` bytes and then those of `range`. Returns nil when it has exited
  /// with 0 and what it wrote are records, else why not.
  mutating func run(
    _ input: borrowing BatchBuffer, header: Int, _ range: Range<Int>, _ form: AnswerRecords
  ) throws(StageFailure) -> String? {
    output.removeAll()
    let program = try RunningProgram.start(plan)
    var written = 0
    let total = header + range.count
    var deadline = plan.deadline.map { MonotonicClock.now() + $0 }
    var isMad = false
    while program.exit == nil {
      var moved = try input.withPayload { (bytes) throws(StageFailure) in
        var moved = 0
        while written < total {
          let part =
            written < header
            ? bytes.bytes(written..<header)
            : bytes.bytes(range.lowerBound + written - header..<range.upperBound)
          let count = try program.write(part)
          if count == 0 { break }
          written += count
          moved += count
        }
        return moved
      }
      if written == total { program.closeInput() }
      poller.removeAll()
      program.watch(in: &poller, forWriting: written < total)
      let ready: [Poller.Ready]
      do { ready = try poller.wait(until: deadline) } catch { throw StageFailure("\(error)") }
      moved += try program.read(into: &output)
      if ready.contains(where: { $0.token == RunningProgram.Token.process.rawValue }) { try program.look() }
      isMad = output.count > Self.mostBytes
      if isMad { break }
      let now = MonotonicClock.now()
      if let end = deadline, let span = plan.deadline {
        // A wait that took much longer than asked for was a stop of the whole process.
        if moved > 0 || now > end && now - end > Self.stopTime { deadline = now + span }
        if moved == 0, now >= end, program.exit == nil { break }
      }
    }
    let exit = program.exit
    program.end()
    while try program.read(into: &output) > 0 {}
    words = program.words.shown
    guard let exit else {
      return isMad
        ? "the program \(plan.shown) wrote more than \(Self.mostBytes >> 20) MiB and was ended"
        : "the program \(plan.shown) neither read nor wrote anything for \(DurationText.format(plan.deadline ?? 0)) "
          + "and was ended"
    }
    if !exit.isSuccess { return "the program \(plan.shown) failed (\(exit))" }
    return problem(form)
  }

  /// What is wrong with the lines that it wrote.
  private func problem(_ form: AnswerRecords) -> String? {
    output.withPayload { bytes in
      let isUTF8 = UTF8.firstInvalid(in: bytes) == nil
      var reader = LineReader(bytes, skipsBlanks: form.format == .json)
      while let range = reader.next() {
        if case .wrong(let why) = form.judge(bytes.bytes(range), isUTF8: isUTF8) {
          return "line \(reader.linesRead) of what the program \(plan.shown) wrote: \(why)"
        }
      }
      return nil
    }
  }

  /// Appends what it wrote as records: how many. Only after a success.
  func appendRecords(_ form: AnswerRecords, into buffer: inout BatchBuffer) -> Int {
    output.withPayload { bytes in
      var count = 0
      var reader = LineReader(bytes, skipsBlanks: form.format == .json)
      while let range = reader.next() {
        buffer.append(bytes.bytes(range))
        buffer.append(UInt8(ascii: "\n"))
        count += 1
      }
      return count
    }
  }
}
