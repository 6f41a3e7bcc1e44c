import POSIXKit
import PipelineFile
import Records
import Stages

/// Takes what a ``LiveSource`` gives into the spool of its worker.
final class LiveIntake: SpoolIntake {
  private let use: UsePlan
  private let takeRecords: (inout SourceOutput) throws -> LiveReading
  private let tellKept: () throws -> Void
  private var hasUnkept = false
  private(set) var next: (descriptor: Int32?, deadline: UInt64?) = (nil, nil)

  init(_ use: UsePlan, _ context: UserStageContext, _ source: some LiveSource) throws(StageFailure) {
    self.use = use
    var source = source
    do { try source.start(WorkerInfo(context)) } catch { throw Trouble.failure(error, use, "can't start") }
    takeRecords = { try source.take(into: &$0) }
    tellKept = { try source.kept() }
  }

  func take(into spool: Spool, atMost count: Int) throws(StageFailure) {
    var taken = 0
    while taken < count {
      var output = SourceOutput(writer: RecordWriter(capacity: 4 << 10))
      let reading: LiveReading
      do { reading = try takeRecords(&output) } catch { throw Trouble.failure(error, use, "can't read") }
      taken += output.byteCount
      var failure: SystemCallError?
      output.writer.withBytes { bytes in
        do throws(SystemCallError) { try spool.append(bytes) } catch { failure = error }
      }
      if let failure { throw StageFailure("\(use.name): error: it can't be spooled: \(failure)") }
      if output.count > 0 { hasUnkept = true }
      switch reading {
      case .more:
        next = (nil, MonotonicClock.now())
        continue
      case .readable(let descriptor, let limit):
        next = (descriptor, limit.map { MonotonicClock.deadline(after: $0) })
      case .after(let duration): next = (nil, MonotonicClock.deadline(after: duration))
      }
      return
    }
  }

  func kept() throws(StageFailure) {
    guard hasUnkept else { return }
    hasUnkept = false
    do { try tellKept() } catch { throw Trouble.failure(error, use, "can't acknowledge") }
  }
}
