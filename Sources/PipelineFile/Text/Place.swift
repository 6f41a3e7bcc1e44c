/// A byte of a source text: what a diagnostic points at.
struct Place {
  let source: SourceText
  /// Byte offset in the text; nil stands for the file as a whole.
  let offset: Int?

  init(_ source: SourceText, _ offset: Int?) {
    self.source = source
    self.offset = offset
  }

  var position: SourcePosition {
    guard let offset else { return SourcePosition(file: source.file, line: 0, column: 0) }
    return source.position(at: offset)
  }

  /// `line 3, column 5`, for the second place of a message.
  func described(from other: Place) -> String {
    let position = position
    let place = "line \(position.line), column \(position.column)"
    return other.source === source ? place : "\(place) of \(source.file)"
  }
}
