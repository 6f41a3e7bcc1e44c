import Foundation
import Testing

extension EndToEnd {
  /// `procession validate`: checks and starts nothing.
  @Suite struct ValidateCommandTests {
    static let examples = ["carriers", "diamond", "flights", "late", "lines", "scores"]

    @Test func everyExampleIsHere() throws {
      let files = try FileManager.default.contentsOfDirectory(atPath: Repository.root + "/pipelines")
      #expect(files.filter { $0.hasSuffix(".yaml") }.sorted() == Self.examples.map { "\($0).yaml" })
    }

    @Test(arguments: examples) func examplesAreValid(name: String) throws {
      let result = try Workspace().run(["validate", Repository.pipeline(name)])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.outputText.contains(": valid; "))
      #expect(result.errors == "")
    }

    @Test func theProcessOfDeadLettersIsCounted() throws {
      let result = try Workspace().run(["validate", Repository.pipeline("diamond")])
      #expect(result.outputText.hasSuffix(": valid; 4 stages, 6 processes\n"), "\(result.outputText)")
    }

    @Test(arguments: examples) func whatIsPrintedMeansTheSame(name: String) throws {
      let workspace = Workspace()
      for folder in ["data", "programs"] {
        #expect(symlink("\(Repository.root)/pipelines/\(folder)", workspace[folder]) == 0)
      }
      workspace.write("p.yaml", try #require(FileBytes.read(Repository.pipeline(name))))
      let first = try workspace.run(["validate", "p.yaml", "--print"])
      #expect(first.status == 0, "\(first.errors)")
      workspace.write("p.yaml", first.output)
      let second = try workspace.run(["validate", "p.yaml", "--print"])
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.outputText == first.outputText)
    }

    @Test func allErrorsComeInOneGo() throws {
      let workspace = Workspace()
      workspace.write(
        "p.yaml",
        """
        stages:
          read: { source: { file: no.csv } }
          clean: { workrs: 2, steps: [ { filter: ".a ==" } ] }
          write: { sink: { file: out.jsonl } }
        """)
      let result = try workspace.run(["validate", "p.yaml"])
      #expect(result.status == 2)
      #expect(result.errors.contains("p.yaml:2:27: error: the file 'no.csv' does not exist"))
      #expect(
        result.errors.contains(
          "p.yaml:3:12: error: unknown key 'workrs' in stage 'clean'; did you mean 'workers'?"))
      #expect(result.errors.contains("p.yaml:3:46: error: jq: "))
      #expect(result.errors.contains("3 errors; nothing was started"))
      #expect(result.output == [])

      let asJSON = try workspace.run(["validate", "p.yaml", "--json"])
      #expect(asJSON.status == 2)
      let document = try JSONText.object(asJSON.output)
      #expect(document["schema"] as? String == "procession.diagnostics/1")
      #expect((document["diagnostics"] as? [Any])?.count == 3)
    }

    @Test func explainsStartMethodsAndDefaults() throws {
      let result = try Workspace().run(["validate", Repository.pipeline("flights"), "--explain"])
      #expect(result.status == 0)
      for text in [
        "start method: fork (", "start method: forkserver (", "default ragged: fail", "workers: 2",
      ] {
        #expect(result.outputText.contains(text), "\(text) in \(result.outputText)")
      }
    }

    @Test func printsTheMergedFile() throws {
      let workspace = Workspace()
      workspace.write("o.yaml", "stages: { clean: { workers: 7 } }\n")
      let result = try workspace.run(
        ["validate", Repository.pipeline("flights"), "--overlay", "o.yaml", "--print"],
        environment: ["OUT": "/tmp/elsewhere.jsonl"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.outputText.contains("workers: 7"))
      #expect(result.outputText.contains("/tmp/elsewhere.jsonl"))
    }

    @Test func printsJSON() throws {
      let result = try Workspace().run(["validate", Repository.pipeline("flights"), "--json"])
      #expect(result.status == 0)
      let document = try JSONText.object(result.output)
      #expect(document["schema"] as? String == "procession.plan/1")
      #expect(document["valid"] as? Bool == true)
    }
  }
}
