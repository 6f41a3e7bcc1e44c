/// Collects what is wrong while a file is read, so that one run tells all of it.
final class Complaints {
  private(set) var diagnostics: [Diagnostic] = []

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  var warnings: [Diagnostic] { sorted.filter { $0.severity == .warning } }

  /// By file (in the order of their first mention), line and column; same places keep their order; said once.
  var sorted: [Diagnostic] {
    var order: [String: Int] = [:]
    for diagnostic in diagnostics where order[diagnostic.position.file] == nil {
      order[diagnostic.position.file] = order.count
    }
    func key(_ element: (offset: Int, element: Diagnostic)) -> (Int, Int, Int, Int) {
      let position = element.element.position
      return (order[position.file] ?? 0, position.line, position.column, element.offset)
    }
    var result: [Diagnostic] = []
    for (_, diagnostic) in diagnostics.enumerated().sorted(by: { key($0) < key($1) })
    where !result.contains(diagnostic) {
      result.append(diagnostic)
    }
    return result
  }

  func error(_ message: String, _ remedy: String = "", at place: Place) {
    add(.error, message, remedy, place)
  }

  func warning(_ message: String, _ remedy: String = "", at place: Place) {
    add(.warning, message, remedy, place)
  }

  /// Without the line of the file, which may hold a secret.
  func errorWithoutLine(_ message: String, _ remedy: String, at place: Place) {
    add(.error, message, remedy, place, showsLine: false)
  }

  private func add(
    _ severity: Diagnostic.Severity, _ message: String, _ remedy: String, _ place: Place,
    showsLine: Bool = true
  ) {
    let position = place.position
    diagnostics.append(
      Diagnostic(
        severity: severity, position: position, message: message, remedy: remedy,
        sourceLine: showsLine ? place.source.line(position.line) : nil))
  }
}
