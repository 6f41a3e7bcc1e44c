/// `exec`: an external program that works on records.
package struct ExecPlan: Codable, Sendable, Equatable {
  package enum Unit: String, Codable, Sendable, CaseIterable {
    /// A long-lived program answers each line with one.
    case line
    /// A process for each batch.
    case batch
  }

  /// The program and its arguments; with `shell` one text for `/bin/sh -c`.
  package var command: [String]
  package var shell: Bool
  package var per: Unit
  package var position: SourcePosition

  package init(command: [String], shell: Bool, per: Unit, position: SourcePosition) {
    self.command = command
    self.shell = shell
    self.per = per
    self.position = position
  }
}
