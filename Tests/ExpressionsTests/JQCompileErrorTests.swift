import Expressions
import Testing

/// Each program with a mark, `⟦⟧`, where the error must point to.
struct JQCompileErrorTests {
  private static let unbalanced = [
    (".a⟦⟧[", "'[' is never closed"), ("⟦⟧{a: 1", "'{' is never closed"),
    ("1 + ⟦⟧(.a", "'(' is never closed"),
    (".a⟦⟧)", "')' closes nothing"), ("(.a⟦⟧]", "']' does not close '('"),
    ("[.a⟦⟧}", "'}' does not close '['"),
    (".a == ⟦⟧\"abc", "this string is never closed"), ("\"⟦⟧\\(.a\"", "'\\(' is never closed"),
    ("# (\n⟦⟧(", "'(' is never closed"), ("\"(\" | ⟦⟧[1", "'[' is never closed"),
    ("\"\\(1 + (2)⟦⟧]\"", "']' does not close '\\('"),
  ]

  private static let syntax = [
    (".a ⟦⟧+", "the program ends too early, after '+'"), (".a ⟦⟧| ", "the program ends too early, after '|'"),
    ("⟦⟧| .a", "unexpected '|'"), (".a .b ⟦⟧c", "unexpected 'c'"),
    ("⟦⟧if .a then 1", "this 'if' has no 'end'"),
    ("1 | ⟦⟧if .a then if .b then 1 else 2 end else 3", "this 'if' has no 'end'"),
    ("if .a then 1 ⟦⟧end", "unexpected 'end'; 'if' needs an 'else' in jq 1.6"),
    (".a ⟦⟧& .b", "unexpected '&'; write 'and'"), (".a ⟦⟧&& .b", "unexpected '&'; write 'and'"),
    (".a |⟦⟧| .b", "unexpected '|'; write 'or'"),
    (".a == ⟦⟧'x'", "unexpected '''; strings stand in double quotes"),
    (".a ==⟦⟧= 1", "unexpected '='; write '=='"), ("⟦⟧!.a", "unexpected '!'; write '| not'"),
    ("{a:.b ⟦⟧c:1}", "unexpected 'c', expected '}'"), ("[1,2,⟦⟧]", "unexpected ']'"),
    (".foo.⟦⟧[0]", "unexpected '['"), (".a = ⟦⟧=1", "unexpected '='"), ("{é: 1}", ""),
    ("é⟦⟧", ""), (".a\n| .b\n| ⟦⟧*", "unexpected '*'"), ("\"é\" | .a ⟦⟧.. .b", "unexpected '..'"),
    ("{⟦⟧1: 2}", "unexpected '1'"), ("1 ⟦⟧2", "unexpected '2'"),
    ("test(\"⟦⟧\\d\")", "an invalid escape in a string"),
  ].filter { !$0.1.isEmpty }

  private static let names = [
    ("⟦⟧foo", "unknown function foo"), (".a | ⟦⟧foo(1)", "unknown function foo with 1 argument"),
    (".a\n  | ⟦⟧foo(1; 2)", "unknown function foo with 2 arguments"),
    ("\"é\" | ⟦⟧foo", "unknown function foo"), ("⟦⟧length(1)", "unknown function length with 1 argument"),
    (".a > ⟦⟧$min", "unknown variable $min; what the file declares under vars is in $vars"),
    ("⟦⟧break $out", "unknown label $out"), (".a-⟦⟧b", "unknown function b"),
    (".a | ⟦⟧@base65", "unknown format '@base65'"), ("⟦⟧foo | bar", "unknown function foo"),
    ("\"x\\(⟦⟧foo)\"", "unknown function foo"),
  ]

  private static let refused = [
    (
      "⟦⟧env",
      "'env' is not allowed: the environment is not readable from jq; declare it under vars and use $vars"
    ),
    (
      ".a + ⟦⟧$ENV.HOME",
      "'$ENV' is not allowed: the environment is not readable from jq; declare it under vars and use $vars"
    ),
    (
      "{env: ⟦⟧env}",
      "'env' is not allowed: the environment is not readable from jq; declare it under vars and use $vars"
    ),
    ("[., ⟦⟧input]", "'input' is not allowed: a step sees one record at a time"),
    ("[⟦⟧inputs]", "'inputs' is not allowed: a step sees one record at a time"),
    ("⟦⟧halt", "'halt' is not allowed: a step cannot end the worker"),
    (".a | ⟦⟧halt_error(1)", "'halt_error' is not allowed: a step cannot end the worker; use error"),
    ("\"\\(⟦⟧input_filename)\"", "'input_filename' is not allowed: a step does not know its input file"),
    ("⟦⟧input_line_number", "'input_line_number' is not allowed: a step does not know its input file"),
    (".a | ⟦⟧debug", "'debug' is not allowed: a step cannot print"),
    ("⟦⟧stderr", "'stderr' is not allowed: a step cannot print"),
    ("⟦⟧import \"a\" as a; 1", "'import' is not allowed: modules are not available"),
    ("⟦⟧include \"a\"; 1", "'include' is not allowed: modules are not available"),
    ("⟦⟧get_search_list", "'get_search_list' is not allowed: modules are not available"),
    ("⟦⟧$__prog_args", "'$__prog_args' is not allowed: use $vars"),
    (
      "# env\n⟦⟧env",
      "'env' is not allowed: the environment is not readable from jq; declare it under vars and use $vars"
    ),
    (".a\0", ""),
  ].filter { !$0.1.isEmpty }

  @Test(arguments: unbalanced + syntax + names + refused)
  func errorsPointToTheirPlace(marked: String, message: String) throws {
    let parts = marked.split(separator: "⟦⟧", omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let error = #expect(throws: JQCompileError.self) { _ = try JQProgram(parts.joined()) }
    #expect(error == JQCompileError(message: message, offset: parts[0].utf8.count))
  }

  @Test func aZeroByteIsRefused() {
    #expect(throws: JQCompileError(message: "a zero byte", offset: 2)) { _ = try JQProgram(".a\0b") }
  }

  @Test(arguments: [
    ".env", "{env: 1}", "{env, input: .input}", ".input.halt", "\"env\"", ".a # env input (", "$vars.env",
    ".[\"input\"]", ".\"env\"", "{\"env\": 1}", ".a | .debug", "{a: 1, env: 2} | .env", "@text \"env\"",
    "\"\\\"(\"", "\"a\\\\\" | length", "", ".a?", "getpath([\"a\"])", "def f(x): x; f(1)", "\"\\u00e9(\"",
    "[.[]?] | map(. as [$a, {b: $c}] | $a)", "{(\"a\",\"b\"): 1}", "{\"a b\"}", "{@base64 \"x\": 1}", "1.5e3",
    ".5",
    "reduce .[]? as $x (0; . + $x)", "label $out | 1, break $out", ".a as [$x] ?// $x | $x", "$__loc__",
  ])
  func harmlessProgramsCompile(program: String) throws {
    _ = try JQProgram(program, variables: [(name: "env", json: "1")])
  }
}
