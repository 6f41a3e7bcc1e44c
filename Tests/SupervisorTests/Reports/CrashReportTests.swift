import Delivery
import Multiprocessing
import Supervisor
import Testing

struct CrashReportTests {
  private func report(
    _ status: Int32?, _ consequence: Death.Consequence, detail: String = "", batch: String? = nil,
    lastLines: [String] = []
  ) -> [String] {
    let death = Death(
      incarnation: SlotID(stage: 1, index: 0).life(2), status: status, uptime: 1_234_000_000, wasReady: true,
      detail: detail, consequence: consequence)
    return CrashReport(
      name: "clean.0", pid: status == nil ? nil : 4711, method: .fork, death: death, usage: nil, batch: batch,
      lastLines: lastLines
    ).lines
  }

  @Test func `a signal is named, with what the worker did and said`() {
    let lines = report(
      -9, .restart(delay: 73_000_000, count: 1, max: 5, window: 60_000_000_000),
      batch: "batch 7, in.csv:12", lastLines: ["about to divide", "by zero"])
    #expect(
      lines == [
        "clean.0 was killed by SIGKILL after 1.23 s (started by fork, pid 4711); "
          + "restarting in 73 ms, 1 of 5 within 60 s",
        "  in hand: batch 7, in.csv:12",
        "  its last words:",
        "    about to divide",
        "    by zero",
      ])
  }

  @Test func `an exit has its status`() {
    #expect(
      report(7, .notReplaced) == [
        "clean.0 left with status 7 after 1.23 s (started by fork, pid 4711); "
          + "the pipeline stops: the restart policy does not replace it"
      ])
  }

  @Test func `too many deaths say how many were allowed`() {
    #expect(
      report(-11, .tooMany(max: 5, window: 60_000_000_000)) == [
        "clean.0 was killed by SIGSEGV after 1.23 s (started by fork, pid 4711); "
          + "the pipeline stops: more than 5 restarts within 60 s"
      ])
  }

  @Test func `a worker that could not be started says why`() {
    #expect(
      report(nil, .stopping, detail: "fork: EAGAIN") == [
        "clean.0 could not be started: fork: EAGAIN after 1.23 s (started by fork); the pipeline is stopping"
      ])
  }
}
