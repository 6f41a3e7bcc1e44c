import Testing

extension EndToEnd {
  /// Help, completions and mistakes in the arguments.
  @Suite struct UsageTests {
    @Test func helpNamesEverything() throws {
      let result = try Workspace().run(["--help"])
      #expect(result.status == 0)
      for word in ["run", "validate", "graph", "completions", "Exit status"] {
        #expect(result.outputText.contains(word))
      }
      #expect(result.errors == "")
    }

    @Test(arguments: ["run", "validate", "graph", "completions"])
    func eachCommandHasHelp(command: String) throws {
      let result = try Workspace().run([command, "--help"])
      #expect(result.status == 0)
      #expect(result.outputText.contains("USAGE: procession \(command)"))
    }

    @Test(arguments: [
      ["frobnicate"], ["run"], ["run", "--frobnicate", "p.yaml"], ["graph", "p.yaml", "--format", "png"],
      ["completions", "tcsh"],
    ])
    func mistakesEndWith2(arguments: [String]) throws {
      let result = try Workspace().run(arguments)
      #expect(result.status == 2)
      #expect(result.errors.contains("Usage: procession"), "\(result.errors)")
      #expect(result.output == [])
    }

    @Test func aFileThatIsMissing() throws {
      let result = try Workspace().run(["run", "p.yaml"])
      #expect(result.status == 2)
      #expect(result.errors.contains("p.yaml"), "\(result.errors)")
    }

    /// Each shell's script, and bash takes its own without complaint.
    @Test func completionsLoad() throws {
      let workspace = Workspace()
      for shell in ["bash", "zsh", "fish"] {
        let result = try workspace.run(["completions", shell])
        #expect(result.status == 0)
        #expect(result.outputText.contains("procession"))
        workspace.write("completions.\(shell)", result.output)
      }
      let bash = try workspace.run(["-n", workspace["completions.bash"]], program: "bash")
      #expect(bash.status == 0, "\(bash.errors)")
    }
  }
}
