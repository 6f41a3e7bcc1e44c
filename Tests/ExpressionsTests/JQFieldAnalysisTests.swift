import Expressions
import TestSupport
import Testing

struct JQFieldAnalysisTests {
  @Test(arguments: [
    (".a", ["a"]), (".dep_delay > 15", ["dep_delay"]), (".a.b.c", ["a"]), (".a[0]", ["a"]), (".a[]", ["a"]),
    (".a // \"x\"", ["a"]), (".\"a b\"", ["a b"]), (".[\"a\"]", ["a"]), (".a[.b]", ["a", "b"]),
    (".a[1:.n]", ["a", "n"]),
    ("{carrier, a: .b.c, \"x\": (.y + 1)}", ["carrier", "b", "y"]),
    ("\"\\(.a) and \\(.b | tostring)\"", ["a", "b"]),
    (".a | tonumber | floor", ["a"]), (".a > $vars.x and (.b | not)", ["a", "b"]), ("$vars.x", []), ("1", []),
    ("if .a then .b elif .c then 1 else .d end", ["a", "b", "c", "d"]), ("[.a, .b]", ["a", "b"]),
    (".a, .b", ["a", "b"]),
    (".a as $x | .b + $x", ["a", "b"]), ("select(.a > 1) | {b, c: .d}", ["a", "b", "d"]), (". | .a", ["a"]),
    ("(.).a", ["a"]), (".a | . as $x | keys | to_entries", ["a"]), ("try .a catch .", ["a"]), (".a?", ["a"]),
    (".a | map(.b) | .[0]", ["a"]), ("{(.k): .v}", ["k", "v"]), ("{\"x y\"}", ["x y"]), ("{$vars}", []),
    ("-.a", ["a"]),
    ("@base64 \"\\(.a)\"", ["a"]), (".a | @csv", ["a"]), ("[.a, .b] | add", ["a", "b"]),
    (".a | .. | numbers", ["a"]),
    (".a | test(\"x\"; \"i\")", ["a"]), ("any(.a, .b; . > 1)", ["a", "b"]), ("first(.a, .b)", ["a", "b"]),
    ("empty", []), ("error(.a)", ["a"]), (".a |  .b = 1", ["a"]), ("{a: .x | length, if: 1}", ["x"]),
    ("{}", []), ("[]", []),
    (".a.\"b\".c", ["a"]), (".a # . keys", ["a"]), ("limit(2; .a[])", ["a"]),
    (".a == .b or .c", ["a", "b", "c"]),
    ("(.a, .b) | .c", ["a", "b"]), ("{a: -1}", []), (".a[\"b\"]", ["a"]), ("IN(.a; 1, 2)", ["a"]),
  ])
  func readsOnlyTheseFields(program: String, fields: [String]) throws {
    let compiled = try JQProgram(program)
    #expect(compiled.topLevelFields == fields)
  }

  @Test(arguments: [
    ".", "..", "keys", "to_entries", "with_entries(.)", "del(.a)", "has(\"a\")", ". as $x | $x.a", "[.]",
    "{a: .}",
    "\"\\(.)\"", ".[]", ".[.a]", ".a = 1", ".a |= 2", ".a += 1", "select(.a)", "(.a, .)", ".a // .", "not",
    "length",
    "reduce .a[] as $x (0; . + $x)", "foreach .a[] as $x (0; $x)", "def f: .a; f", "map(.a)", "tojson",
    "@json",
    "if .a then . else 1 end", "if . then 1 else 2 end", ". == 1", "1 + .", "-.", "any", "any(.[]; .a)",
    "error",
    "path(.a)", "first", ".a as [$x] | $x", "label $f | .a", ".\"a\\u0062\"", ".[\"a\\(.b)\"]",
    "{\"x\\(.a)\"}",
    "getpath([\"a\"])", "", ".a | . as $x | label $f | 1", "try error catch .", "(. | .) as $x | $x", "env?",
    "[..]",
    "1 + .a as $x | $x", "error(.)", "first(.)", "{(tojson): 1}", ".a[keys[0]]", ".a[length]",
    "@base64 \"\\(.)\"",
    "input_line_number?", "(select(.a), .b)", "{@base64 \"a\": 1}",
  ])
  func needsEverything(program: String) throws {
    guard let compiled = try? JQProgram(program) else { return }
    #expect(compiled.topLevelFields == nil)
  }

  /// Random programs give, on random records, the same results and errors with only the fields found as with
  /// all fields.
  @Test(arguments: 1...6)
  func theFieldsFoundAreEnough(seed: Int) throws {
    var programs = RandomProgram(seed: UInt64(seed))
    var generator = SeededRandom(UInt64(seed) &* 77)
    var (cases, sources, analysed) = ("", [String](), [[String]]())
    while analysed.count < 30 {
      let program = programs.next()
      guard let fields = JQFieldAnalysis.fields(readBy: program) else { continue }
      // One program for all of them: compiling is what takes the time.
      let run = "try [\(program)] catch {error: .}"
      cases += (analysed.isEmpty ? "" : ",\n") + "[(.all | \(run)), (.some[\(analysed.count)] | \(run))]"
      sources.append(program)
      analysed.append(fields)
    }
    // `try` in jq 1.6 also catches the `break` of `first`, whose number differs between the two copies.
    var differences = try JQProgram(
      """
      [\(cases)] | to_entries[] | select(.value[0] != .value[1])
        | select([.value | .. | objects | has("__jq")] | any | not) | .key
      """)
    for _ in 0..<40 {
      let record = RandomJSON.object(&generator, keys: RandomProgram.names, depth: 2)
      let all = try value(record)
      let some = analysed.map { fields in
        "{" + fields.compactMap { fieldText($0, of: all) }.joined(separator: ",") + "}"
      }
      let input = try value("{\"all\":\(text(all)),\"some\":[\(some.joined(separator: ","))]}")
      try differences.withResults(of: input) {
        Issue.record("\(sources[Int($0.number ?? 0)]) on \(record)")
      }
    }
    #expect(Double(programs.made) < Double(analysed.count) * 20)
  }
}
