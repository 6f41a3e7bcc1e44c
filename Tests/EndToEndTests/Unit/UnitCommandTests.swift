import Glibc
import ProcessionCLI
import Testing

extension EndToEnd {
  @Suite struct UnitCommandTests {
    private static let pipeline = """
      name: weird
      stages:
        read: { source: { file: { path: in.txt, format: lines } } }
        write: { sink: { file: { path: "out dir/o.txt", format: lines } } }
      """

    /// In a folder whose name has all that a unit file could trip over.
    @Test(arguments: [[], ["--user"], ["--name", "other@1"]]) func `systemd finds nothing wrong`(
      more: [String]
    ) throws {
      let workspace = Workspace()
      let folder = "o d%d $x 'q' \"w\" b\\s"
      mkdir(workspace[folder], 0o755)
      workspace.write("\(folder)/in.txt", "a\n")
      workspace.write("\(folder)/p.yaml", Self.pipeline)
      let result = try workspace.run(["unit", "\(folder)/p.yaml", "--state", "st ate"] + more)
      #expect(result.status == 0, "\(result.errors)")
      let text = result.outputText
      for line in [
        "Type=notify", "NotifyAccess=main", "SuccessExitStatus=3", "RestartPreventExitStatus=2 5",
        "KillMode=mixed", "Restart=on-failure", "Description=Procession pipeline weird",
      ] {
        #expect(text.contains("\n\(line)\n"), "\(text)")
      }
      #expect(text.contains("\"\(workspace.path)/o d%%d $$x 'q' \\\"w\\\" b\\\\s/p.yaml\"\n"), "\(text)")
      #expect(text.contains("--state \"\(workspace.path)/st ate\""), "\(text)")
      #expect(text.contains("WantedBy=\(more == ["--user"] ? "default" : "multi-user").target"))

      let program = "/usr/bin/systemd-analyze"
      guard access(program, X_OK) == 0 else {
        print("not verified: there is no \(program) (apt-get install systemd)")
        return
      }
      workspace.write("weird.service", text)
      let verdict = try workspace.run(["verify", "--man=no", workspace["weird.service"]], program: program)
      #expect(verdict.status == 0, "\(verdict.errors)\n\(text)")
      #expect(verdict.errors == "", "\(text)")
    }

    @Test func `as JSON it has a name and a place`() throws {
      let workspace = Workspace()
      workspace.write("in.txt", "a\n")
      workspace.write("p.yaml", Self.pipeline)
      let result = try workspace.run(["unit", "p.yaml", "--json"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.outputText.contains("\"schema\" : \"procession.unit/1\""))
      #expect(result.outputText.contains("\"path\" : \"/etc/systemd/system/procession-weird.service\""))
    }

    @Test func `a wrong name or file is a matter of usage`() throws {
      let workspace = Workspace()
      workspace.write("p.yaml", Self.pipeline)
      #expect(try workspace.run(["unit", "p.yaml", "--name", "a/b"]).status == 2)
      let invalid = try workspace.run(["unit", "p.yaml"])
      #expect(invalid.status == 2)
      #expect(invalid.errors.contains("in.txt"), "\(invalid.errors)")
    }
  }

  @Suite struct UnitFileTests {
    private static func unit(output: String, isOfUser: Bool = false) -> UnitFile {
      UnitFile(
        name: "p", pipeline: "p", program: "/usr/bin/procession", arguments: ["run", "/srv/p.yaml"],
        folder: "/srv", stateFolder: "/srv/.procession/p", outputFolders: [output], descriptors: 100_000,
        isOfUser: isOfUser, account: isOfUser ? nil : "etl")
    }

    @Test func `what is written must not be protected`() throws {
      let usual = try #require(Self.unit(output: "/srv/out").text)
      #expect(usual.contains("\nProtectSystem=full\n"))
      #expect(usual.contains("\nUser=etl\n"))
      #expect(usual.contains("\nLimitNOFILE=100000\n"))
      #expect(try #require(Self.unit(output: "/etc/out").text).contains("ProtectSystem") == false)
      #expect(try #require(Self.unit(output: "/etcetera").text).contains("\nProtectSystem=full\n"))
    }

    @Test func `a user's manager is asked for what it can do`() throws {
      let text = try #require(Self.unit(output: "/srv/out", isOfUser: true).text)
      #expect(!text.contains("Protect") && !text.contains("User="))
      #expect(text.contains("\nNoNewPrivileges=yes\n"))
    }
  }
}
