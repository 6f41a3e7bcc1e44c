import Expressions

/// `text` as a value.
func value(_ text: String) throws -> JQValue {
  try JQValue.parse(text)
}

/// The JSON text of a value.
func text(_ value: borrowing JQValue) -> String {
  var writer = JSONTextWriter()
  return writer.withText(of: value) { String(decoding: $0, as: UTF8.self) }
}

/// The field `name` of an object with its value, as JSON text; nil where there is none.
func fieldText(_ name: String, of object: borrowing JQValue) -> String? {
  guard let field = object[JQKey(name)] else { return nil }
  return "\"\(name)\":\(text(field))"
}

/// The results of `program` for `input`, as JSON texts.
func run(
  _ program: String, on input: String, variables: [(name: String, json: String)] = []
) throws -> [String] {
  var program = try JQProgram(program, variables: variables)
  var results: [String] = []
  try program.withResults(of: value(input)) { results.append(text($0)) }
  return results
}
