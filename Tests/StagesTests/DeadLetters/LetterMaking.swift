import Records
import Stages
import TestSupport

/// Letters as tests need them: whatever is not said is always the same.
enum Letters {
  static func origin(
    run: UInt64 = 1, stage: String = "clean", sequence: UInt64 = 1, branch: UInt64 = .max, slot: UInt16 = 0,
    format: RecordFormat = .json, schema: [UInt8] = []
  ) -> LetterOrigin {
    LetterOrigin(
      run: run, stage: stage, origin: "read", slot: slot, sequence: sequence, branch: branch, format: format,
      schema: schema, file: "in.jsonl")
  }

  static func letter(
    _ record: UInt32 = 0, cause: Letter.Cause = .error("it is wrong"), time: UInt64 = 1_000,
    bytes: String = "{}", attempts: UInt32 = 1
  ) -> Letter {
    Letter(
      record: record, line: UInt64(record) + 1, step: 2, cause: cause, attempts: attempts, worker: "clean.0",
      time: time, lastWords: "last words\n", bytes: Array(bytes.utf8))
  }
}

extension TemporaryFolder {
  var storePath: String { file(DeadLetterStore.fileName) }

  func store() throws -> DeadLetterStore { try DeadLetterStore(making: storePath) }

  /// The records of the letters that are in the store, as another process sees them.
  func storedRecords() throws -> [UInt32] {
    try DeadLetterStore(existing: storePath)?.letters().map(\.letter.record) ?? []
  }
}
