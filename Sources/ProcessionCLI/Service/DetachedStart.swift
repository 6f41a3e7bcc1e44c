import Control
import FoundationEssentials
import Glibc
import Multiprocessing
import POSIXKit
import PipelineFile

/// The command that has started a detached run, until it knows what became of the start.
///
/// It waits for as long as the run takes to be ready or to end: that is the run's to bound. SIGINT and SIGTERM
/// are passed on to it, as if it were not detached yet.
final class DetachedStart {
  /// `procession.detached/1`.
  struct Document: Encodable {
    let schema = "procession.detached/1"
    let pipeline, file: String
    /// running or ended
    let state: String
    let pid: Int32
    let state_folder, log_file: String
    /// Left out while it runs.
    let exit_status: Int32?
    let message: String
  }

  private let pid: Int32
  private let verdict: Descriptor

  init(pid: Int32, verdict: consuming Descriptor) {
    self.pid = pid
    self.verdict = verdict
  }

  /// Waits, says what became of it, and returns the command's exit status.
  func conclude(_ run: PipelineRun) throws -> Int32 {
    let bytes = try wait()
    let message =
      (try? JSONDecoder().decode(DetachedVerdict.Message.self, from: Data(bytes))) ?? lastWords()
    let name = run.plan.name
    let text: String
    if message.isReady {
      text =
        "\(name) runs in the background, pid \(pid), log \(run.logFile); '\(ProgramName.current) status \(name)' shows it, "
        + "'\(ProgramName.current) stop \(name)' ends it"
    } else {
      text = message.text + (access(run.logFile, F_OK) == 0 ? "\nlog \(run.logFile)" : "")
    }
    run.logging.say(message.status == 0 ? .notice : .error, text, pipeline: name)
    if run.json {
      try Terminal.printJSONLine(
        Document(
          pipeline: name, file: run.plan.file, state: message.isReady ? "running" : "ended", pid: pid,
          state_folder: run.stateFolder, log_file: run.logFile,
          exit_status: message.isReady ? nil : message.status, message: text))
    }
    return message.status
  }

  /// All that the run tells, to the end of the pipe.
  private func wait() throws -> [UInt8] {
    let signals = try SignalDescriptor([SIGINT, SIGTERM])
    var bytes: [UInt8] = []
    while true {
      var poller = Poller()
      poller.watch(verdict.raw, token: 0)
      poller.watch(signals.descriptor.raw, token: 1)
      let ready = try poller.wait(until: nil)
      for _ in try signals.read() { kill(pid, SIGTERM) }
      guard ready.contains(where: { $0.token == 0 }) else { continue }
      var part = [UInt8](repeating: 0, count: 4096)
      let count = read(verdict.raw, &part, part.count)
      if count > 0 {
        bytes += part[..<count]
      } else if count == 0 || errno != EINTR {
        return bytes
      }
    }
  }

  /// Of a run that died without a word.
  private func lastWords() -> DetachedVerdict.Message {
    var raw: Int32 = 0
    while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
    let signal = raw & 0x7F
    let end =
      signal == 0
      ? "left with status \((raw >> 8) & 0xFF)" : "was killed by \(ExitStatus.name(ofSignal: signal))"
    return DetachedVerdict.Message(
      isReady: false, status: signal == 0 ? max(1, (raw >> 8) & 0xFF) : 128 + signal,
      text: "error: the detached run (pid \(pid)) \(end) before it was ready")
  }
}
