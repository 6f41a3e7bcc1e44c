import ProcessionCLI
import Testing

struct UnitQuotingTests {
  /// What systemd's reader makes of a quoted or plain word, told slowly (systemd.syntax(7)).
  private static func read(_ text: String, variables: Bool) -> String? {
    var scalars = Array(text.unicodeScalars)
    if scalars.first == "\"" {
      guard scalars.count >= 2, scalars.last == "\"" else { return nil }
      scalars = Array(scalars[1..<scalars.count - 1])
    } else if scalars.contains(where: { [" ", "\t", "\"", "'", "\\", ";"].contains($0) }) {
      return nil
    }
    var plain: [Unicode.Scalar] = []
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      if scalar == "\"" { return nil }
      guard scalar == "\\" else {
        plain.append(scalar)
        continue
      }
      guard index < scalars.count else { return nil }
      switch scalars[index] {
      case "n": plain.append("\n")
      case "t": plain.append("\t")
      case "r": plain.append("\r")
      case "\\": plain.append("\\")
      case "\"": plain.append("\"")
      case "x":
        guard index + 2 < scalars.count else { return nil }
        let digits = String(String.UnicodeScalarView(scalars[index + 1...index + 2]))
        guard let value = UInt8(digits, radix: 16) else { return nil }
        plain.append(Unicode.Scalar(value))
        index += 2
      default: return nil
      }
      index += 1
    }
    return single("%", in: plain).flatMap { variables ? single("$", in: $0) : $0 }
      .map { String(String.UnicodeScalarView($0)) }
  }

  /// Doubled ones made single; nil where one stands alone, which would stand for something else.
  private static func single(_ mark: Unicode.Scalar, in text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < text.count {
      if text[index] == mark {
        guard index + 1 < text.count, text[index + 1] == mark else { return nil }
        index += 1
      }
      result.append(text[index])
      index += 1
    }
    return result
  }

  @Test func `any word comes back as systemd reads it`() {
    let alphabet = Array(" %$\"'\\;#\n\t\r\u{1}\u{7F}~ab/.-äü€{}".unicodeScalars)
    for value in UInt64(0)..<20_000 {
      var seed = Seed(value)
      var word = ""
      for _ in 0..<Int.random(in: 0...12, using: &seed) {
        word.unicodeScalars.append(alphabet.randomElement(using: &seed)!)
      }
      #expect(Self.read(UnitQuoting.argument(word), variables: true) == word, "\(seed.testDescription)")
      #expect(Self.read(UnitQuoting.program(word), variables: false) == word, "\(seed.testDescription)")
    }
  }

  @Test(arguments: [
    ("/usr/bin/procession", "/usr/bin/procession"), ("a b", "\"a b\""), ("", "\"\""), ("100%", "100%%"),
    ("$HOME", "$$HOME"), ("it's", "\"it's\""), ("say \"hi\"", "\"say \\\"hi\\\"\""), (";", "\";\""),
    ("a\\b", "\"a\\\\b\""), ("\u{1}", "\"\\x01\""),
  ])
  func `words are as plain as can be`(word: String, text: String) {
    #expect(UnitQuoting.argument(word) == text)
  }

  @Test func `a path of its own is not quoted`() {
    #expect(UnitQuoting.path("/a b/50%") == "/a b/50%%")
    #expect(UnitQuoting.path("/ends with a blank ") == "/ends with a blank /")
    #expect(UnitQuoting.path("/ends with\\") == "/ends with\\/")
    #expect(UnitQuoting.path("/two\nlines") == nil)
  }

  @Test func `a description is one line`() {
    #expect(UnitQuoting.text("50%\nof it") == "50%% of it")
  }
}
