/// What one look at the machine found.
package struct DoctorCheck: Equatable, Encodable, Sendable {
  package enum Verdict: String, Encodable, Sendable {
    case ok, warning, failure
  }

  /// Short and stable: `descriptors`, `state-folder`.
  package var name: String
  package var verdict: Verdict
  /// One line.
  package var finding: String
  /// What to do about it, or what would be good to know; one line.
  package var remedy: String?

  package static func ok(_ name: String, _ finding: String, _ hint: String? = nil) -> DoctorCheck {
    DoctorCheck(name: name, verdict: .ok, finding: finding, remedy: hint)
  }

  package static func warning(_ name: String, _ finding: String, _ remedy: String) -> DoctorCheck {
    DoctorCheck(name: name, verdict: .warning, finding: finding, remedy: remedy)
  }

  package static func failure(_ name: String, _ finding: String, _ remedy: String) -> DoctorCheck {
    DoctorCheck(name: name, verdict: .failure, finding: finding, remedy: remedy)
  }
}

extension [DoctorCheck] {
  package var hasFailure: Bool { contains { $0.verdict == .failure } }

  /// A line for each check, and one below it for its remedy; then how many there were of each kind.
  package var text: String {
    let width = map(\.name.count).max() ?? 0
    var lines: [String] = []
    for check in self {
      let mark = check.verdict == .ok ? "ok      " : check.verdict == .warning ? "warning " : "FAILURE "
      lines.append(
        mark + check.name + String(repeating: " ", count: width - check.name.count + 2) + check.finding)
      if let remedy = check.remedy {
        lines.append(String(repeating: " ", count: width + 10) + "-> " + remedy)
      }
    }
    let failures = count { $0.verdict == .failure }
    let warnings = count { $0.verdict == .warning }
    lines.append("\(count) checks: \(failures) failed, \(warnings) to look at")
    return lines.joined(separator: "\n")
  }
}
