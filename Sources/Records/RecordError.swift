/// What is wrong with one record, and where in its batch.
///
/// Holds positions within the batch only: the caller knows the file and the batch's first line, and adds them.
package struct RecordError: Error, Equatable, Sendable, CustomStringConvertible {
  package var fault: RecordFault
  /// Index of the record in its batch, or in the cut buffer; counts from 0.
  package var record: Int
  /// Lines between the start of the batch and the line at fault; counts from 0.
  package var line: Int
  /// The column or field at fault, where one is.
  package var column: String?

  package init(_ fault: RecordFault, record: Int, line: Int, column: String? = nil) {
    self.fault = fault
    self.record = record
    self.line = line
    self.column = column
  }

  package var description: String {
    guard let column else { return fault.description }
    return "column '\(column)': \(fault)"
  }
}

/// What can be wrong with a record. Excerpts of its contents are cut to ``RecordFault/excerptLimit`` bytes.
package enum RecordFault: Equatable, Sendable, CustomStringConvertible {
  /// A NUL byte at this byte offset of the payload.
  case nulByte(offset: Int)
  /// A quoted cell that never ends; the error's line is the one where it opened.
  case unterminatedQuote
  /// This byte follows a closing quote.
  case textAfterQuote(UInt8)
  case tooFewCells(expected: Int, found: Int)
  case tooManyCells(expected: Int, found: Int)
  case notANumber(cell: String)
  case notABoolean(cell: String)
  /// A byte of this text offset is no UTF-8.
  case invalidUTF8(offset: Int)
  case json(JSONSyntaxError)
  case notAnObject(found: JSONKind)
  case unknownField(known: [String])
  /// A text with a NUL, which CSV cannot hold.
  case nulInText
  /// A line of text where a row of columns is to be made.
  case noColumns
  /// An object whose field names can't be the columns of a file.
  case unfitColumns(String)

  package static let excerptLimit = 60

  package var description: String {
    switch self {
    case .nulByte:
      "a NUL byte; CSV is text: is the file UTF-16, or binary? Convert it to UTF-8"
    case .unterminatedQuote:
      "a quoted cell opens on this line and never closes; end it with '\"', and double each quote inside it"
    case .textAfterQuote(let byte):
      "\(Self.name(of: byte)) after a closing quote; expected the delimiter or the end of the line "
        + "(a quote inside a quoted cell is written twice)"
    case .tooFewCells(let expected, let found):
      "\(found) cells where the columns are \(expected); add the missing cells, or set ragged: pad"
    case .tooManyCells(let expected, let found):
      "\(found) cells where the columns are \(expected); quote cells that hold the delimiter"
    case .notANumber(let cell):
      "'\(cell)' is not a number; expected one as JSON writes it (-12, 0.5, 1e9) or a null marker"
    case .notABoolean(let cell):
      "'\(cell)' is not a boolean; expected true, false or a null marker"
    case .invalidUTF8(let offset):
      "byte \(offset) is not UTF-8; convert the input to UTF-8"
    case .json(let error): error.description
    case .notAnObject(let found):
      "expected a JSON object, found \(found)"
    case .unknownField(let known):
      "is not among the columns (\(known.joined(separator: ", "))); add it to them, or drop the field before"
    case .nulInText:
      "the text holds a NUL character, which CSV cannot hold; remove it, or write JSON"
    case .noColumns:
      "a line of text has no columns; make objects of lines with a map step before a csv sink"
    case .unfitColumns(let problem):
      "the columns are those of the first record: \(problem)"
    }
  }

  /// The start of `bytes` as text for a message.
  static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.count <= excerptLimit { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<excerptLimit]), as: UTF8.self) + "…"
  }

  /// A byte as a reader of the message knows it: quoted if it prints, else in hexadecimal.
  static func name(of byte: UInt8) -> String {
    if byte > 0x20 && byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
    switch byte {
    case 0x20: return "a space"
    case 0x09: return "a tab"
    case 0x0A: return "a newline"
    case 0x0D: return "a carriage return"
    default: return "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
  }
}
