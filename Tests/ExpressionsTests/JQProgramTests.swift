import Expressions
import Testing

struct JQProgramTests {
  @Test(arguments: [
    (".", "1", ["1"]), (".a", #"{"a":[1]}"#, ["[1]"]), (".[]", "[1,2,3]", ["1", "2", "3"]),
    ("empty", "1", []),
    (".a > $vars.min", #"{"a":20}"#, ["true"]), ("{a, n: $vars.name}", #"{"a":1}"#, [#"{"a":1,"n":"x"}"#]),
    ("$vars", "0", [#"{"min":15,"name":"x"}"#]), ("1, error(null), 2", "0", ["1", "2"]),
    (#""\(.a) b""#, #"{"a":1}"#, ["\"1 b\""]),
  ])
  func results(program: String, input: String, results: [String]) throws {
    let variables = [(name: "min", json: "15"), (name: "name", json: "\"x\"")]
    #expect(try run(program, on: input, variables: variables) == results)
  }

  @Test(arguments: [
    ("error(\"no\")", "no"), ("error({a: 1})", #"{"a":1}"#), (".a", "Cannot index number with string \"a\""),
    ("1 + \"a\"", "number (1) and string (\"a\") cannot be added"),
  ])
  func errorsAreMessages(program: String, message: String) throws {
    #expect(throws: JQRuntimeError(message: message)) { try run(program, on: "1") }
  }

  @Test func aProgramGoesOnAfterAnErrorAndAfterAResultLeftBehind() throws {
    var program = try JQProgram(".[] | 10 / .")
    program.start(try value("[2,0,5]"))
    #expect(try program.next()?.number == 5)
    #expect(throws: JQRuntimeError.self) { _ = try program.next() }
    #expect(try program.next()?.number == nil)
    program.start(try value("[1,2]"))
    #expect(try program.next()?.number == 10)
    program.start(try value("[5]"))
    #expect(try program.next()?.number == 2)
    #expect(try program.next()?.number == nil)
  }

  @Test func anErrorOfTheBodyEndsTheResults() throws {
    var program = try JQProgram(".[]")
    var seen = 0
    let stop = JQRuntimeError(message: "enough")
    #expect(throws: stop) {
      try program.withResults(of: JQValue.parse("[1,2,3]")) { result throws(JQRuntimeError) in
        seen += 1
        if result.number == 2 { throw stop }
      }
    }
    #expect(seen == 2)
  }

  @Test(arguments: [
    (".a", #"{"a":true}"#, true), (".a", #"{"a":0}"#, true), (".a", #"{"a":false}"#, false),
    (".a", "{}", false),
    ("empty", "{}", false), ("false, true", "{}", false), ("true, error(\"later\")", "{}", true),
    (".delay != null", #"{"delay":3}"#, true), ("select(.a)", #"{"a":1}"#, true),
  ])
  func filters(program: String, input: String, keeps: Bool) throws {
    var program = try JQProgram(program)
    #expect(try program.isTrue(of: value(input)) == keeps)
  }

  @Test func theInputIsLeftAsItIs() throws {
    let input = try value(#"{"a":1}"#)
    var program = try JQProgram(".a = 2 | .b = 3")
    try program.withResults(of: input.copy()) { #expect(text($0) == #"{"a":2,"b":3}"#) }
    #expect(text(input) == #"{"a":1}"#)
  }

  @Test(arguments: [
    (".a", false), ("now", true), (".t | strflocaltime(\"%c\")", true), (".now", false), ("{now: 1}", false),
    ("\"\\(now)\"", true), ("\"now\"", false), (".t | todate", false), ("1 # now", false),
    ("[localtime]", true),
  ])
  func clocks(program: String, usesClock: Bool) throws {
    let compiled = try JQProgram(program)
    #expect(compiled.usesClock == usesClock)
  }

  @Test func badVariablesAreErrors() {
    #expect(throws: JQCompileError(message: "variable x: not JSON: it ends too early", offset: 0)) {
      _ = try JQProgram(".", variables: [(name: "x", json: "[")])
    }
  }
}
