/// What a pipeline's programs may not use, and what makes them depend on when they run.
enum JQRestrictions {
  /// Functions and keywords that reach outside the record, with the reason.
  private static let refused: [String: String] = [
    "env": "the environment is not readable from jq; declare it under vars and use $vars",
    "input": "a step sees one record at a time",
    "inputs": "a step sees one record at a time",
    "halt": "a step cannot end the worker",
    "halt_error": "a step cannot end the worker; use error",
    "input_filename": "a step does not know its input file",
    "input_line_number": "a step does not know its input file",
    "debug": "a step cannot print",
    "stderr": "a step cannot print",
    "import": "modules are not available",
    "include": "modules are not available",
    "modulemeta": "modules are not available",
    "get_search_list": "modules are not available",
    "get_jq_origin": "modules are not available",
    "get_prog_origin": "modules are not available",
  ]

  private static let refusedVariables: [String: String] = [
    "ENV": "the environment is not readable from jq; declare it under vars and use $vars",
    "__prog_args": "use $vars",
  ]

  private static let formats: Set<String> = [
    "text", "json", "csv", "tsv", "html", "uri", "sh", "base64", "base64d",
  ]

  private static let clock: Set<String> = ["now", "localtime", "strflocaltime"]

  /// Throws at the first token that is not allowed.
  static func check(_ tokens: [JQToken]) throws(JQCompileError) {
    for token in tokens {
      switch token.kind {
      case .identifier where !token.isKey:
        if let reason = refused[token.text] {
          throw JQCompileError(message: "'\(token.text)' is not allowed: \(reason)", offset: token.offset)
        }
      case .variable:
        if let reason = refusedVariables[token.text] {
          throw JQCompileError(message: "'$\(token.text)' is not allowed: \(reason)", offset: token.offset)
        }
      case .format where !formats.contains(token.text):
        throw JQCompileError(message: "unknown format '@\(token.text)'", offset: token.offset)
      default: break
      }
    }
  }

  /// Whether the result may depend on the clock or the local time zone.
  static func usesClock(_ tokens: [JQToken]) -> Bool {
    tokens.contains { $0.kind == .identifier && !$0.isKey && clock.contains($0.text) }
  }
}
