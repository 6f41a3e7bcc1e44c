import PipelineFile
import Records

/// Reads the letters of one replay for one stage, to be put back in.
///
/// A mark's offset is the id of the next letter. A batch is a run of letters of one form, one schema and one
/// input file whose lines do not fall, so that each record's place in its file is known as it was when it fell
/// out. Letters that are marked stay, so every incarnation cuts the same batches.
final class LetterSource: StageSource {
  /// Bytes of a batch, more or less.
  static let batchBytes = 256 << 10
  static let batchLetters = 1 << 16

  private let plan: LetterSourcePlan
  private let store: DeadLetterStore
  private let fileNumbers: [String: UInt32]
  /// Ids of all letters, ascending, and the bytes of the records before each, and of all.
  private let ids: [Int64]
  private let bytesBefore: [UInt64]
  /// What was read from the store last, and the id that it was asked for.
  private var held: (start: Int64, group: LetterGroup)?
  private(set) var schema: [UInt8] = []

  init(_ plan: LetterSourcePlan) throws(StageFailure) {
    guard let store = try DeadLetterStore(existing: plan.store) else {
      throw StageFailure("\(plan.store): error: the dead letters that are to be put back in are gone")
    }
    self.plan = plan
    self.store = store
    fileNumbers = Dictionary(
      plan.files.enumerated().map { ($0.element, UInt32($0.offset)) }, uniquingKeysWith: { first, _ in first }
    )
    let sizes = try store.sizes(ofReplay: plan.replay, stage: plan.stage)
    ids = sizes.map(\.id)
    bytesBefore = sizes.reduce(into: [0]) { sums, letter in sums.append(sums.last! + UInt64(letter.bytes)) }
  }

  var canRepeat: Bool { true }

  var totalBytes: UInt64? { bytesBefore.last }

  func bytes(before mark: InputMark) -> UInt64 {
    var (low, high) = (0, ids.count)
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < Int64(mark.offset) { low = middle + 1 } else { high = middle }
    }
    return bytesBefore[low]
  }

  func cut(
    at mark: InputMark, headroom: Int, into buffer: inout BatchBuffer, errors: inout RecordErrors
  ) throws(StageFailure) -> CutResult {
    guard let (letters, next) = try letters(from: Int64(mark.offset)), let first = letters.first else {
      return .end
    }
    let format = format(of: first)
    schema = first.origin.schema
    buffer = BatchBuffer(
      headroom: headroom + schema.count, capacity: letters.reduce(0) { $0 + $1.letter.bytes.count + 1 })
    var lines = LineTableBuilder()
    for (index, stored) in letters.enumerated() {
      let letter = stored.letter
      if let problem = problem(of: letter, format: format) {
        try letter.bytes.withUnsafeBufferPointer { (bytes) throws(StageFailure) in
          try errors.refuse(
            record: index, line: letter.line, text: problem, bytes: UnsafeRawBufferPointer(bytes),
            failure: StageFailure("\(stored.place): error: \(problem)"))
        }
        continue
      }
      letter.bytes.withUnsafeBytes { buffer.append($0) }
      buffer.append(UInt8(ascii: "\n"))
      lines.append(line: Int(letter.line - first.letter.line))
    }
    var batch = CutBatch(
      format: format, framing: format == .csv ? .csv : .newline, recordCount: lines.count,
      provenance: Provenance(file: fileNumbers[first.origin.file] ?? 0, line: first.letter.line),
      end: InputMark(offset: UInt64(next)))
    batch.taken = letters.count
    if lines.count > 0 && (!lines.isIdentity || format == .csv) {
      batch.lineTable = lines.withBytes { Array($0) }
    }
    return .batch(batch)
  }

  /// The letters of the batch that begins with an id, and the id that the next one begins with. A function of
  /// the id alone, whatever is held.
  private func letters(from id: Int64) throws(StageFailure) -> (ArraySlice<StoredLetter>, next: Int64)? {
    if let held, let position = held.group.letters.firstIndex(where: { $0.id >= id }), held.start <= id {
      let end = Self.end(of: held.group.letters, from: position)
      // Where all that is left belongs together, more that is not held may.
      if end < held.group.letters.count {
        return (held.group.letters[position..<end], held.group.letters[end].id)
      }
    }
    guard
      let group = try store.group(
        ofReplay: plan.replay, stage: plan.stage, from: id, mostLetters: Self.batchLetters,
        mostBytes: Self.batchBytes)
    else { return nil }
    held = (id, group)
    let end = Self.end(of: group.letters, from: 0)
    return (group.letters[..<end], end < group.letters.count ? group.letters[end].id : group.next)
  }

  /// Where the run of letters of one file with rising lines ends that begins at a position.
  private static func end(of letters: [StoredLetter], from start: Int) -> Int {
    var end = start + 1
    while end < letters.count, letters[end].origin.file == letters[start].origin.file,
      letters[end].letter.line >= letters[end - 1].letter.line,
      // Lines that are not known stay so.
      (letters[end].letter.line == 0) == (letters[start].letter.line == 0)
    {
      end += 1
    }
    return end
  }

  /// A source that reads lines as another kind of line now takes them so.
  private func format(of stored: StoredLetter) -> RecordFormat {
    switch (stored.origin.format, plan.format) {
    case (.json, .lines): .line
    case (.line, .jsonLines): .json
    case (let format, _): format
    }
  }

  /// Why a record that a source gave up still can't travel.
  private func problem(of letter: Letter, format: RecordFormat) -> String? {
    if plan.format == nil { return nil }
    return letter.bytes.withUnsafeBytes { bytes in
      if let problem = InputFormat.problem(of: bytes, isJSON: format == .json) { return problem }
      // An open quote would swallow what follows it.
      let quotes = bytes.count { $0 == UInt8(ascii: "\"") }
      return format == .csv && quotes % 2 == 1 ? "a quote is not closed" : nil
    }
  }
}

/// Makes the source that puts letters back in.
package func makeSource(_ plan: LetterSourcePlan) throws(StageFailure) -> any StageSource {
  try LetterSource(plan)
}
