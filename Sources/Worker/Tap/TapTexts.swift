import Records
import Stages

/// Records as JSON texts: a CSV row is the object that a jq step sees, a line a string.
///
/// A row that breaks its schema becomes a string of its bytes. JSON passes as it is, unchecked: its reader has
/// the time to look whether it is any. Belongs to one thread.
final class TapTexts {
  private var rows: Rows?

  /// What reads rows of the schema that the last CSV batch had.
  private final class Rows {
    let encodedSchema: [UInt8]
    var reader: CSVRowReader
    let converter: CSVToJSON

    init(_ encodedSchema: UnsafeRawBufferPointer) throws(CSVSchemaError) {
      let schema = try CSVSchema(decoding: encodedSchema)
      self.encodedSchema = Array(encodedSchema)
      reader = CSVRowReader(schema: schema)
      converter = CSVToJSON(schema: schema)
    }
  }

  /// Appends the chosen records' texts to `buffer`, each followed by a newline. `body` is called after each and
  /// says whether to go on. A batch that can't be read has none.
  func append(
    _ choice: TapSampler.Choice, of batch: BatchView, into buffer: inout BatchBuffer,
    _ body: (inout BatchBuffer) -> Bool
  ) {
    var index = 0
    var wanted = choice.first
    var left = choice.count
    func isWanted() -> Bool {
      defer { index += 1 }
      guard index == wanted else { return false }
      wanted &+= choice.every
      left -= 1
      return true
    }
    guard batch.format == .csv else {
      var reader = LineReader(batch.payload, skipsBlanks: batch.format == .json)
      while left > 0, let range = reader.next() {
        guard isWanted() else { continue }
        let record = batch.payload.bytes(range)
        if batch.format == .json { buffer.append(record) } else { JSONString.append(record, into: &buffer) }
        buffer.append(0x0A)
        if !body(&buffer) { return }
      }
      return
    }
    guard let rows = rows(of: batch) else { return }
    rows.reader.start(batch.payload)
    while left > 0 {
      var isDamaged = false
      do {
        guard try rows.reader.next() else { return }
      } catch {
        isDamaged = true
      }
      guard isWanted() else { continue }
      if isDamaged || (try? rows.converter.convert(row: rows.reader, into: &buffer)) == nil {
        JSONString.append(rows.reader.rowBytes, into: &buffer)
        buffer.append(0x0A)
      }
      if !body(&buffer) { return }
    }
  }

  /// The same for a batch of dead letters.
  func append(
    letters batch: BatchView, from origin: LetterOrigin, _ choice: TapSampler.Choice,
    into buffer: inout BatchBuffer, _ body: (inout BatchBuffer) -> Bool
  ) {
    var reader = LetterReader(batch.payload)
    var wanted = choice.first
    var index = 0
    while let letter = (try? reader.next()) ?? nil {
      defer { index += 1 }
      guard index == wanted else { continue }
      wanted &+= choice.every
      letter.appendJSON(from: origin, into: &buffer)
      buffer.append(0x0A)
      if !body(&buffer) { return }
    }
  }

  private func rows(of batch: BatchView) -> Rows? {
    if let rows, rows.encodedSchema.elementsEqual(batch.schema) { return rows }
    rows = try? Rows(batch.schema)
    return rows
  }
}
