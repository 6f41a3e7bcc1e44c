import Glibc
import Testing

extension EndToEnd {
  @Suite struct DoctorCommandTests {
    private static let pipeline = """
      name: p
      stages:
        read: { source: { file: { path: in.txt, format: lines } } }
        write: { sink: { file: { path: out/o.txt, format: lines } } }
      """

    @Test func `a machine that runs these tests is well, and stays as it was`() throws {
      let workspace = Workspace()
      workspace.write("in.txt", "a\n")
      workspace.write("p.yaml", Self.pipeline)
      let before = workspace.names()
      let result = try workspace.run(["doctor", "p.yaml", "--json"])
      #expect(result.status == 0, "\(result.outputText)\(result.errors)")
      #expect(result.outputText.contains("\"schema\" : \"procession.doctor/1\""))
      #expect(result.outputText.contains("\"failures\" : 0"))
      for name in ["libzmq", "libjq", "sqlite", "kernel", "proc", "descriptors", "state-folder", "inputs"] {
        #expect(result.outputText.contains("\"name\" : \"\(name)\""), "\(result.outputText)")
      }
      #expect(workspace.names() == before)
    }

    @Test func `what is wrong is told with what to do`() throws {
      let workspace = Workspace()
      workspace.write("in.txt", "a\n")
      workspace.write("p.yaml", Self.pipeline)
      let result = try workspace.run(["doctor", "p.yaml", "--state", "in.txt/state"])
      #expect(result.status == 1, "\(result.outputText)")
      #expect(result.outputText.contains("FAILURE state-folder"), "\(result.outputText)")
      #expect(result.outputText.contains("keep the state elsewhere with --state"), "\(result.outputText)")
    }

    @Test func `a file that is not valid does not keep the machine from being looked at`() throws {
      let workspace = Workspace()
      workspace.write("p.yaml", Self.pipeline)
      let result = try workspace.run(["doctor", "p.yaml"])
      #expect(result.status == 1, "\(result.outputText)")
      #expect(result.outputText.contains("-> procession validate p.yaml"), "\(result.outputText)")
      #expect(result.outputText.contains("ok      libzmq"), "\(result.outputText)")
    }

    @Test func `too few descriptors are a failure that names how many`() throws {
      let workspace = Workspace()
      workspace.write("in.txt", "a\n")
      workspace.write("p.yaml", Self.pipeline)
      let command = "ulimit -n 60 && exec \"$0\" doctor p.yaml"
      let result = try workspace.run(["-c", command, Repository.executable], program: "/bin/sh")
      #expect(result.status == 1, "\(result.outputText)")
      #expect(result.outputText.contains("FAILURE descriptors"), "\(result.outputText)")
      #expect(result.outputText.contains("LimitNOFILE="), "\(result.outputText)")
    }
  }
}
