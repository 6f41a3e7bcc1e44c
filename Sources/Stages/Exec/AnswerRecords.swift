import PipelineFile
import Records

/// Makes records of what a program writes.
struct AnswerRecords {
  /// What the records are.
  let format: RecordFormat

  /// `input`: what the program reads.
  init(_ plan: ExecPlan, input: ExecPlan.Input) {
    switch plan.output ?? (input == .json ? .json : .lines) {
    case .json: format = .json
    case .lines: format = .line
    }
  }

  enum Verdict {
    case record
    /// Empty: the record is dropped.
    case none
    case wrong(String)
  }

  /// A line without its CR.
  func text(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    line.last == UInt8(ascii: "\r") ? line.bytes(0..<line.count - 1) : line
  }

  /// Judges a line that ``text(_:)`` gave. `isUTF8`: known to be.
  func judge(_ text: UnsafeRawBufferPointer, isUTF8: Bool) -> Verdict {
    if text.isEmpty || format == .json && text.trimmed.isEmpty { return .none }
    if !isUTF8, let offset = UTF8.firstInvalid(in: text) {
      return .wrong("its byte \(offset) is not UTF-8")
    }
    guard format == .json, let error = JSONValidator.firstError(in: text) else { return .record }
    return .wrong(
      "it is no JSON: \(error); write one JSON text on a line, or set 'output: lines'"
        + " (it begins '\(String(decoding: text.bytes(0..<min(40, text.count)), as: UTF8.self))')")
  }
}
