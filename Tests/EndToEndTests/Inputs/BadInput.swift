import Testing

/// One input that is wrong, or only looks so: what a pipeline without steps makes of it.
struct BadInput: CustomTestStringConvertible {
  enum Outcome {
    /// Exit 0 and this output.
    case writes(String)
    /// Exit 1 and this at the start of a line of standard error.
    case fails(String)
  }

  let testDescription: String
  let file: String
  let bytes: [UInt8]
  let options: String
  let outcome: Outcome

  /// `options` stands behind the source's path, such as `, csv: { ragged: pad }`.
  init(_ what: String, _ file: String, _ text: String, options: String = "", _ outcome: Outcome) {
    self.init(what, file, Array(text.utf8), options: options, outcome)
  }

  init(_ what: String, _ file: String, _ bytes: [UInt8], options: String = "", _ outcome: Outcome) {
    testDescription = "\(file), \(what)"
    self.file = file
    self.bytes = bytes
    self.options = options
    self.outcome = outcome
  }

  func check() throws {
    let workspace = Workspace()
    workspace.write(file, bytes)
    let output = file.hasSuffix("txt") ? "out.txt" : "out.jsonl"
    let result = try workspace.run(
      pipeline: """
        stages:
          read: { on_error: fail, source: { file: { path: \(file)\(options) } } }
          write: { on_error: fail, sink: { file: \(output) } }
        """)
    switch outcome {
    case .writes(let text):
      #expect(result.status == 0, "\(result.errors)")
      #expect(workspace.text(output) == text)
    case .fails(let text):
      #expect(result.status == 1)
      #expect(result.errors.split(separator: "\n").contains { $0.hasPrefix(text) }, "\(result.errors)")
    }
  }
}
