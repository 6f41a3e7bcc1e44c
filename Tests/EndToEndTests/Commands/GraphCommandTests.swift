import Testing

extension EndToEnd {
  /// `procession graph`: the stages and what joins them.
  @Suite struct GraphCommandTests {
    private func graph(_ arguments: String...) throws -> RunResult {
      let result = try Workspace().run(["graph", Repository.pipeline("diamond")] + arguments)
      #expect(result.status == 0, "\(result.errors)")
      return result
    }

    @Test func asText() throws {
      let lines = try graph().outputText.split(separator: "\n")
      #expect(lines.first == "diamond")
      #expect(lines.count == 6)
      #expect(lines[4].contains("from kennedy, others"))
      #expect(
        lines[5]
          == "  dead letters of read, kennedy, others, write: in the state folder's dead-letters.sqlite")
    }

    @Test func forGraphviz() throws {
      let text = try graph("--format", "dot").outputText
      #expect(text.hasPrefix("digraph \"diamond\" {\n"))
      #expect(text.hasSuffix("}\n"))
      for edge in [
        "read\" -> \"kennedy", "read\" -> \"others", "kennedy\" -> \"write", "others\" -> \"write",
      ] {
        #expect(text.contains("\"\(edge)\";"))
      }
      #expect(!text.contains("dead-letters"))
    }

    @Test func asJSON() throws {
      let document = try JSONText.object(try graph("--json").output)
      #expect(document["schema"] as? String == "procession.plan/1")
      let plan = document["plan"] as? [String: Any]
      #expect((plan?["stages"] as? [Any])?.count == 4)
    }
  }
}
