import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile
import Records
import Synchronization

/// One life of an external program: its pipes, what it says on standard error, and that it ends.
///
/// It stays in the worker's process group, which the supervisor ends with the worker. The worker is the
/// subreaper of what its programs start, and those bear a mark in their environment, so that one program can be
/// ended with all that it started. For one thread. Nothing here waits but ``end()``.
final class RunningProgram {
  /// Tokens of ``watch(in:forWriting:)``.
  enum Token: Int {
    case process, input, output
  }

  /// The most of a pipe's room that is asked for.
  private static let pipeSize: Int32 = 256 << 10
  /// How long the end of a killed program is waited for.
  private static let patience = Duration.seconds(2)

  private var process: StartedProcess
  private var input: Descriptor?
  private var output: Descriptor?
  /// In the environment of the program and of all that it starts.
  private let mark: String
  let words: ProgramWords
  private(set) var exit: ExitStatus?
  /// Whether it has answered anything: for its user to note.
  var hasAnswered = false

  /// Starts the program. Throws what the user reads where that is not possible.
  static func start(_ plan: ExecPlan) throws(StageFailure) -> RunningProgram {
    do {
      return try started(plan)
    } catch StartError.system(let error, _) {
      throw StageFailure("\(plan.position): error: the program \(plan.shown): \(error)")
    } catch {
      throw StageFailure("\(plan.position): error: the program \(plan.shown) can't be started: \(error)")
    }
  }

  private static func started(_ plan: ExecPlan) throws -> RunningProgram {
    var stdin = try Pipe()
    var stdout = try Pipe()
    let childInput = stdin.takeReadEnd()
    let childOutput = stdout.takeWriteEnd()
    let input = stdin.takeWriteEnd()
    let output = stdout.takeReadEnd()
    for number in [input.raw, output.raw] {
      try Descriptor.setNonblocking(lent: number)
      // Only for speed: the default size will do where a larger one is refused.
      _ = fcntl(number, setPipeSize, pipeSize)
    }
    var request = StartRequest(target: "", name: plan.name)
    request.foreground = true
    request.standardInput = .descriptor(childInput.raw)
    request.standardOutput = .descriptor(childOutput.raw)
    let mark = AdoptedProcesses.mark(ofProgramsBy: getpid()) + "\(lives.add(1, ordering: .relaxed).newValue)"
    let process = try StartedProcess.start(
      program: plan.program, arguments: plan.arguments, environment: plan.fullEnvironment + [mark],
      folder: plan.folder, request)
    return RunningProgram(process: process, input: input, output: output, mark: mark, name: plan.name)
  }

  private init(
    process: consuming StartedProcess, input: consuming Descriptor?, output: consuming Descriptor?,
    mark: String,
    name: String
  ) {
    self.process = process
    self.input = input
    self.output = output
    self.mark = mark
    words = ProgramWords(name)
  }

  /// `F_SETPIPE_SZ`, which glibc shows under `_GNU_SOURCE` only.
  private static let setPipeSize: Int32 = 1031
  /// Starts so far: no two programs of a worker have one mark.
  private static let lives = Atomic<Int>(0)

  deinit { end() }

  /// Whether lines can still be handed over.
  var takesInput: Bool { Self.number(input) >= 0 }

  /// Whether it may still say something.
  var hasOutput: Bool { Self.number(output) >= 0 }

  /// Lists what to wait for. To be called before each wait.
  func watch(in poller: inout Poller, forWriting: Bool) {
    process.watch(in: &poller, token: Token.process.rawValue)
    let output = Self.number(output)
    if output >= 0 { poller.watch(output, token: Token.output.rawValue) }
    let input = Self.number(input)
    if forWriting && input >= 0 { poller.watch(input, for: .writable, token: Token.input.rawValue) }
  }

  /// Hands over bytes: how many it took. When it does not read any more, its standard input is closed.
  func write(_ bytes: UnsafeRawBufferPointer) throws(StageFailure) -> Int {
    if bytes.isEmpty || !takesInput { return 0 }
    do throws(SystemCallError) {
      switch try input!.write(bytes) {
      case .bytes(let count): return count
      case .wouldBlock: return 0
      case .closed:
        closeInput()
        return 0
      }
    } catch { throw StageFailure("the standard input of \(process.name): error: \(error)") }
  }

  /// Its standard input ends behind what was written.
  func closeInput() { input = nil }

  /// Appends what it said on standard output since the last call, at most this many bytes: how many. When that
  /// is at its end, ``hasOutput`` is false.
  func read(into buffer: inout BatchBuffer, most: Int = 1 << 20) throws(StageFailure) -> Int {
    var total = 0
    do throws(SystemCallError) {
      while hasOutput, total < most {
        let room = 64 << 10
        let count = try buffer.appendUsingSpare(minimum: room) { (spare) throws(SystemCallError) in
          switch try output!.read(into: spare) {
          case .bytes(let count): return count
          case .wouldBlock: return 0
          case .end:
            output = nil
            return 0
          }
        }
        if count == 0 { break }
        total += count
        // A pipe that gave less than there was room for is empty now.
        if count < room { break }
      }
    } catch { throw StageFailure("the standard output of \(process.name): error: \(error)") }
    return total
  }

  /// Takes what it said on standard error, and whether it has ended. To be called when its token is ready.
  func look() throws(StageFailure) {
    do throws(SystemCallError) {
      for fact in try process.facts() {
        switch fact {
        case .output(_, let bytes): words.take(bytes)
        case .exited(let status, _):
          exit = status
          words.finish()
          try AdoptedProcesses.endStrays(
            marked: mark, until: MonotonicClock.deadline(after: Self.patience))
        case .started, .startFailed, .message, .controlClosed, .controlFailed: break
        }
      }
    } catch { throw StageFailure("the program \(process.name): error: \(error)") }
  }

  /// Waits until it has ended by itself, or the deadline has come.
  func awaitExit(until deadline: UInt64) throws(StageFailure) {
    while exit == nil, MonotonicClock.now() < deadline {
      var poller = Poller()
      process.watch(in: &poller, token: 0)
      do { _ = try poller.wait(until: deadline) } catch {
        throw StageFailure("the program \(process.name): \(error)")
      }
      try look()
    }
  }

  /// Kills it and all that it started, and waits until they are gone. Its output can still be read.
  func end() {
    closeInput()
    if exit != nil { return }
    let deadline = MonotonicClock.deadline(after: Self.patience)
    _ = try? process.signal(SIGKILL)
    try? awaitExit(until: deadline)
  }

  private static func number(_ descriptor: borrowing Descriptor?) -> Int32 {
    switch descriptor {
    case .some(let descriptor): descriptor.raw
    case .none: -1
    }
  }
}

extension ExecPlan {
  /// What follows the program's name.
  var arguments: [String] { shell ? ["-c"] + command : Array(command.dropFirst()) }

  /// The environment of this process with the step's own variables, as `NAME=value`.
  var fullEnvironment: [String] {
    let inherited = ProcessEnvironment.entries.filter { entry in
      let name = entry.prefix { $0 != "=" }
      return name != AdoptedProcesses.markName && !environment.contains { $0.name == name }
    }
    let own = environment.enumerated().filter { index, variable in
      !environment[(index + 1)...].contains { $0.name == variable.name }
    }
    return inherited + own.map { "\($0.element.name)=\($0.element.value)" }
  }
}
