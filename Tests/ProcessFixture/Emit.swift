import Glibc

/// Prints one fact as a line of JSON.
func emit(_ fact: String, number: Int? = nil, text: String? = nil, numbers: [Int]? = nil) {
  var line = "{\"fact\":\(quoted(fact))"
  if let number { line += ",\"number\":\(number)" }
  if let text { line += ",\"text\":\(quoted(text))" }
  if let numbers { line += ",\"numbers\":[\(numbers.map(String.init).joined(separator: ","))]" }
  print(line + "}")
  fflush(nil)
}

private func quoted(_ text: String) -> String {
  var out = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": out += "\\\(scalar)"
    case "\u{0}"..<" ":
      let digits = String(scalar.value, radix: 16)
      out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out + "\""
}
