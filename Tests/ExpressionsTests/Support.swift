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

/// A small generator of numbers, the same for the same seed.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
