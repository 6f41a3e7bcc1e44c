import Foundation

/// Runs a command to its end and tells what it cost.
///
/// `wait4` gives the CPU time of the command and of every descendant that was itself waited for, which covers
/// a supervisor's workers and Python's joined children.
enum MeasuredProcess {
  static func run(
    _ command: [String], environment: [String: String] = [:], log: String
  ) throws -> Measurement {
    let clock = ContinuousClock()
    let start = clock.now
    let pid = try spawn(command, environment: environment, log: log)
    let sampler = MemorySampler(root: pid)
    sampler.start()
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchmarkError("wait4: \(String(cString: strerror(errno)))") }
    }
    let wall = start.duration(to: clock.now)
    let peak = sampler.stop()
    guard status == 0 else {
      throw BenchmarkError("\(command.joined(separator: " ")) \(ending(status)):\n\(tail(of: log))")
    }
    return Measurement(
      wallSeconds: wall / .seconds(1), cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
      peakProportionalMegabytes: Double(peak) / 1_000_000)
  }

  /// Standard input is empty; both outputs go to the log.
  static func spawn(
    _ command: [String], environment: [String: String], log: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)

    let variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let arguments = command.map { strdup($0) } + [nil]
    let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + settings { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, command[0], &actions, nil, arguments, settings)
    guard code == 0 else {
      throw BenchmarkError("\(command[0]) does not start: \(String(cString: strerror(code)))")
    }
    return pid
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
  }

  private static func ending(_ status: Int32) -> String {
    let signal = status & 0x7f
    return signal == 0 ? "ended with exit code \((status >> 8) & 0xff)" : "was ended by signal \(signal)"
  }

  private static func tail(of log: String) -> String {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(20).joined(separator: "\n")
  }
}
