import Expressions
import Glibc
import TestSupport
import Testing

struct JSONTextWriterTests {
  @Test(arguments: [
    (3.0, "3"), (0, "0"), (-0.0, "-0"), (-5, "-5"), (0.1, "0.1"), (-2.5, "-2.5"), (1e15, "1000000000000000"),
    (1e16, "1e+16"), (1e17, "1e+17"), (1.2e16, "12000000000000000"),
    (12_345_678_901_234_567_168, "12345678901234567000"),
    (9_007_199_254_740_992, "9007199254740992"), (0.0001, "0.0001"), (1e-5, "1e-05"), (1.234e-5, "1.234e-05"),
    (1e-7, "1e-07"), (1e100, "1e+100"), (.leastNonzeroMagnitude, "5e-324"),
    (.infinity, "1.7976931348623157e+308"),
    (-.infinity, "-1.7976931348623157e+308"), (.nan, "null"), (123_456.789, "123456.789"), (0.012, "0.012"),
  ])
  func numbers(number: Double, printed: String) {
    #expect(text(JQValue.number(number)) == printed)
  }

  /// Numbers of every kind print as libjq itself prints them.
  @Test func numbersAgreeWithLibjq() throws {
    var generator = SeededRandom(2)
    var numbers: [Double] = []
    for _ in 0..<20_000 {
      numbers.append(Double(bitPattern: generator.next()))
      numbers.append(
        Double(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator)))
      let decimals = Double.random(in: -1000...1000, using: &generator)
      let power = pow(10.0, Double(Int.random(in: 0...9, using: &generator)))
      numbers.append((decimals * power).rounded() / power)
      numbers.append(decimals * pow(10, Double(Int.random(in: -30...30, using: &generator))))
      numbers.append(pow(10, Double(Int.random(in: -320...300, using: &generator))))
    }
    for number in numbers where number.isFinite {
      let value = JQValue.number(number)
      try #require(text(value) == value.printedByLibjq())
    }
  }

  @Test(arguments: [
    "[]", "{}", "[[],{}]", #"{"a":[1,{"b":null}],"c":true}"#, "\"\u{7f}\u{80}\u{2028}\u{1f600}\"",
    #""\u0000\u0001\u001f\b\f\n\r\t\"\\\/<>&'""#, #"{"\n":1,"":2}"#,
  ])
  func textsAgreeWithLibjq(json: String) throws {
    let parsed = try value(json)
    #expect(text(parsed) == parsed.printedByLibjq())
  }

  /// Values of every shape print as libjq prints them, and are read back as they were.
  @Test func randomValuesAgreeWithLibjq() throws {
    var generator = SeededRandom(3)
    for _ in 0..<2_000 {
      let json = RandomJSON.text(&generator, depth: 4)
      let parsed = try value(json)
      let printed = text(parsed)
      try #require(printed == parsed.printedByLibjq(), "\(json)")
      try #require(text(try value(printed)) == printed)
    }
  }

  @Test func appendsToASink() throws {
    struct Bytes: ByteSink {
      var bytes: [UInt8] = []
      mutating func append(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
      mutating func append(_ byte: UInt8) { bytes.append(byte) }
    }
    var sink = Bytes()
    var writer = JSONTextWriter()
    let long = String(repeating: "\u{1}x", count: 10_000)
    for json in ["1", "\"é\"", "[true]"] {
      writer.append(try value(json), to: &sink)
      sink.append(UInt8(ascii: "\n"))
    }
    writer.append(JQValue.string(long), to: &sink)
    #expect(
      String(decoding: sink.bytes, as: UTF8.self)
        == "1\n\"é\"\n[true]\n\"" + String(repeating: #"\u0001x"#, count: 10_000) + "\"")
  }

  /// The same through the program itself, where it is installed.
  @Test(.enabled(if: access("/usr/bin/jq", X_OK) == 0))
  func linesAgreeWithTheProgram() throws {
    var generator = SeededRandom(4)
    let texts = (0..<500).map { _ in RandomJSON.text(&generator, depth: 3) }
    let printed = try JQCommand.run(["-c", "."], input: texts.joined(separator: "\n") + "\n")
    #expect(try printed.split(separator: "\n").map(String.init) == texts.map { text(try value($0)) })
  }
}
