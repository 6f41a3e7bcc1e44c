/// One token of a jq program.
struct JQToken: Equatable {
  enum Kind: Equatable {
    /// `.name`; the text is the name.
    case field
    /// A name or a keyword.
    case identifier
    /// `$name`; the text is the name.
    case variable
    case number
    /// `@name`; the text is the name.
    case format
    /// Punctuation, brackets included.
    case mark
    case stringStart
    /// A run of a string's characters, escapes not decoded.
    case stringText
    case stringEnd
    /// `\(` in a string.
    case interpolationStart
    case interpolationEnd
    /// A character that no token starts with.
    case invalid
  }

  let kind: Kind
  let text: String
  /// Where it starts, in bytes of UTF-8.
  let offset: Int
  /// Whether it stands where an object construction has a key.
  var isKey = false

  func isMark(_ mark: String) -> Bool { kind == .mark && text == mark }

  /// Whether it is the word `word` used as a name or keyword, rather than as a key.
  func isWord(_ word: String) -> Bool { kind == .identifier && !isKey && text == word }
}
