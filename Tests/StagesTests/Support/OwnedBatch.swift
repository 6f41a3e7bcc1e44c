import Records
import Stages

/// A batch that keeps its bytes: the 64 zeros behind the records included.
struct OwnedBatch: Equatable {
  var format: RecordFormat
  var framing: Framing
  var recordCount: Int
  var provenance: Provenance
  var schema: [UInt8]
  var lineTable: [UInt8] = []
  private var padded: [UInt8]

  init(
    format: RecordFormat, framing: Framing, recordCount: Int, provenance: Provenance, schema: [UInt8],
    payload: borrowing BatchBuffer
  ) {
    self.format = format
    self.framing = framing
    self.recordCount = recordCount
    self.provenance = provenance
    self.schema = schema
    padded = payload.withPayload { Array($0) } + Array(repeating: 0, count: BatchBuffer.padding)
  }

  var byteCount: Int { padded.count - BatchBuffer.padding }

  var text: String { String(decoding: padded.dropLast(BatchBuffer.padding), as: UTF8.self) }

  func withView<R>(_ body: (BatchView) throws -> R) rethrows -> R {
    try schema.withUnsafeBytes { schema in
      try lineTable.withUnsafeBytes { table in
        try padded.withUnsafeBytes { bytes in
          try body(
            BatchView(
              format: format, framing: framing, recordCount: recordCount, schema: schema,
              payload: UnsafeRawBufferPointer(rebasing: bytes.dropLast(BatchBuffer.padding)),
              provenance: provenance, originStage: 0, lineTable: table))
        }
      }
    }
  }
}

/// A record as a user would find it in the input.
struct Found: Equatable, CustomStringConvertible {
  var file: Int
  var line: Int
  var text: String

  var description: String { "\(file):\(line): \(text.prefix(60))" }
}

extension OwnedBatch {
  /// The records with their places, by the readers that steps and sinks use.
  func records() throws -> [Found] {
    try withView { view in
      var found: [Found] = []
      var table = LineTableReader(view.lineTable)
      func add(_ payloadLine: Int, _ bytes: UnsafeRawBufferPointer) {
        let line = view.lineTable.isEmpty ? payloadLine : table.next() ?? -1
        found.append(
          Found(
            file: Int(provenance.file), line: Int(provenance.line) + line,
            text: String(decoding: bytes, as: UTF8.self)))
      }
      if format == .csv {
        var reader = CSVRowReader(schema: try CSVSchema(decoding: view.schema))
        reader.start(view.payload)
        while try reader.next() { add(reader.lineOffset, reader.rowBytes) }
      } else {
        var reader = LineReader(view.payload, skipsBlanks: format == .json)
        while let range = reader.next() {
          add(reader.lineOffset, UnsafeRawBufferPointer(rebasing: view.payload[range]))
        }
      }
      return found
    }
  }
}
