import POSIXKit
import PipelineFile
import Records

/// Reads standard input through a log of its own, so that nothing that came from it is lost with its reader.
///
/// What an earlier incarnation, or an earlier run that was not finished, has taken comes first; then the standard
/// input that there is now goes on where that ended.
package final class SpoolSource: ArrivalSource {
  /// Nothing more is taken while so many bytes wait to be cut.
  private static let mostUnread = 256 << 20
  /// The most bytes that are taken before the next batch is cut.
  private static let portion = 1 << 20

  private let spool: Spool
  private let intake: any SpoolIntake
  private let cutter: ArrivalCutter
  private let name: String
  package let isEndless: Bool
  /// Not one record is complete in what waits to be cut.
  private var needsMore = false

  package convenience init(
    _ plan: FileSourcePlan, folder: String, segmentBytes: Int = Spool.segmentBytes,
    input: consuming Descriptor
  ) throws(StageFailure) {
    try self.init(
      plan.format, name: "standard input", folder: folder, segmentBytes: segmentBytes,
      intake: StreamIntake(input, name: "standard input"), isEndless: false)
  }

  /// `name` is what messages call it.
  package init(
    _ format: FileFormat, name: String, folder: String, segmentBytes: Int = Spool.segmentBytes,
    intake: any SpoolIntake, isEndless: Bool
  ) throws(StageFailure) {
    self.name = name
    self.intake = intake
    self.isEndless = isEndless
    do {
      spool = try Spool(folder, segmentBytes: segmentBytes)
    } catch {
      throw StageFailure("\(name): error: it can't be spooled: \(error)")
    }
    cutter = ArrivalCutter(format, name: name)
  }

  package var canRepeat: Bool { true }
  package var totalBytes: UInt64? { spool.hasEnded ? UInt64(spool.length) : nil }
  package func bytes(before mark: InputMark) -> UInt64 { mark.offset }
  package var schema: [UInt8] { cutter.schema }

  package func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult {
    guard mark.offset <= UInt64(spool.length) else {
      throw StageFailure(
        "\(name): error: \(mark.offset) bytes of it were read, and its spool has \(spool.length); "
          + "give it as it was given before, or start over with --fresh")
    }
    if needsMore || UInt64(spool.length) - mark.offset < UInt64(Self.mostUnread) {
      try intake.take(into: spool, atMost: Self.portion)
    }
    let offer = try cutter.cut(
      at: mark, isFinal: spool.hasEnded, headroom: headroom, into: &buffer, errors: &errors, read: read)
    needsMore = false
    switch offer {
    case .batch(let batch): return .batch(batch)
    case .linger(let until): return .wait(descriptor: nil, until: until)
    case .nothing:
      needsMore = true
      let next = intake.next
      return .wait(descriptor: next.descriptor, until: next.deadline)
    case .end:
      try cutter.requireStart()
      return .end
    case .changed: throw damaged()
    }
  }

  package func cutAgain(
    at mark: InputMark, to end: InputMark, headroom: Int, into buffer: inout BatchBuffer,
    errors: inout RecordErrors
  ) throws(StageFailure) -> CutBatch {
    let batch = try cutter.cutAgain(
      at: mark, to: end, headroom: headroom, into: &buffer, errors: &errors, read: read)
    guard let batch else { throw damaged() }
    return batch
  }

  package func keep(before mark: InputMark) throws(StageFailure) {
    try spooling { () throws(SystemCallError) in try spool.keep(before: mark.offset) }
    try intake.kept()
  }

  /// The header is kept when its segment goes, so it must be known.
  package func holdsUnneeded(before mark: InputMark) -> Bool {
    cutter.startBytes != nil && spool.holdsUnneeded(before: mark.offset)
  }

  package func release(before mark: InputMark) throws(StageFailure) {
    try spooling { () throws(SystemCallError) in
      try spool.release(before: mark.offset, header: Int(cutter.startBytes!))
    }
  }

  private func read(_ room: UnsafeMutableRawBufferPointer, _ offset: Int) throws(StageFailure) -> Int {
    try spooling { () throws(SystemCallError) in try spool.read(into: room, at: offset) }
  }

  private func spooling<R>(_ body: () throws(SystemCallError) -> R) throws(StageFailure) -> R {
    do {
      return try body()
    } catch {
      throw StageFailure("\(name): error: it can't be spooled: \(error)")
    }
  }

  private func damaged() -> StageFailure {
    StageFailure("\(name): error: its spool does not hold what was read from it; start over with --fresh")
  }
}
