/// How systemd reads words and paths in unit files (systemd.syntax(7), systemd.service(5)).
package enum UnitQuoting {
  /// A word of `ExecStart` that comes to the program as it is: `%` and `$` doubled, and in double quotes where
  /// it holds anything that a shell-like reader would see.
  package static func argument(_ word: String) -> String {
    quoted(word, doubling: ["%", "$"])
  }

  /// The first word of `ExecStart`, an absolute path, in which systemd looks for no variables.
  package static func program(_ path: String) -> String {
    quoted(path, doubling: ["%"])
  }

  /// A path in a list of paths (`RequiresMountsFor`).
  package static func listed(_ path: String) -> String { program(path) }

  /// A path that is the whole of a value (`WorkingDirectory`): not quoted, and nil where it can't be written.
  package static func path(_ path: String) -> String? {
    if path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) { return nil }
    let doubled = path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    // A blank at the end is cut off, and a backslash there joins the next line; a slash keeps both.
    return doubled.hasSuffix(" ") || doubled.hasSuffix("\\") ? doubled + "/" : doubled
  }

  /// Free text on one line (`Description`): control characters become spaces.
  package static func text(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%%"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result.last == "\\" ? result + "." : result
  }

  private static let plain = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:=,@%$".unicodeScalars)

  private static func quoted(_ word: String, doubling doubled: Set<Unicode.Scalar>) -> String {
    var text = ""
    var needsQuotes = word.isEmpty
    for scalar in word.unicodeScalars {
      switch scalar {
      case _ where doubled.contains(scalar): text += "\(scalar)\(scalar)"
      case "\"", "\\": text += "\\\(scalar)"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        text += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: text.unicodeScalars.append(scalar)
      }
      if !plain.contains(scalar) { needsQuotes = true }
    }
    return needsQuotes ? "\"\(text)\"" : text
  }
}
