import ProcessionCLI
import Testing

/// The judges, fed with facts of machines that are not this one.
struct DoctorChecksTests {
  private static func limits(
    descriptors: ResourceLimits.Limit = .init(soft: 1024, hard: 524_288),
    core: ResourceLimits.Limit = .init(soft: 0, hard: nil), fileSize: UInt64? = nil
  ) -> ResourceLimits {
    ResourceLimits(
      descriptors: descriptors, core: core, processes: .init(soft: nil, hard: nil),
      addressSpace: .init(soft: nil, hard: nil), fileSize: .init(soft: fileSize, hard: nil))
  }

  private static func verdicts(_ checks: [DoctorCheck]) -> [String] {
    checks.map { "\($0.name) \($0.verdict.rawValue)" }
  }

  /// Whatever is not well says what to do, on one line.
  private static func expectRemedies(_ checks: [DoctorCheck]) {
    for check in checks {
      #expect(!check.finding.contains("\n") && check.remedy?.contains("\n") != true)
      #expect(check.verdict == .ok || check.remedy?.isEmpty == false, "\(check)")
    }
  }

  @Test func `descriptors are judged by the hard limit and by what is needed`() {
    func judge(_ soft: UInt64?, _ hard: UInt64?, needed: Int?) -> DoctorCheck {
      LimitChecks(
        limits: Self.limits(descriptors: .init(soft: soft, hard: hard)), neededDescriptors: needed,
        corePattern: nil
      ).checks[0]
    }
    #expect(judge(1024, 4096, needed: 2000).verdict == .ok)
    #expect(judge(1024, 4096, needed: 2000).remedy == "a run raises its limit itself")
    #expect(judge(1024, 4096, needed: 5000).verdict == .failure)
    #expect(judge(1024, 4096, needed: 5000).remedy?.contains("LimitNOFILE=5000") == true)
    #expect(judge(256, 512, needed: nil).verdict == .warning)
    #expect(judge(nil, nil, needed: 1 << 20).verdict == .ok)
  }

  @Test func `cores are told where they go`() {
    func judge(_ soft: UInt64?, hard: UInt64? = nil, _ pattern: String) -> DoctorCheck {
      LimitChecks(
        limits: Self.limits(core: .init(soft: soft, hard: hard)), neededDescriptors: nil, corePattern: pattern
      ).checks[1]
    }
    #expect(judge(0, "core").remedy?.contains("ulimit -c unlimited") == true)
    #expect(judge(0, hard: 0, "core").remedy?.contains("forbids") == true)
    #expect(
      judge(nil, "|/usr/share/apport/apport %p").finding == "cores are handed to /usr/share/apport/apport")
    #expect(judge(nil, "/var/core/%p").finding == "cores are written to /var/core/%p")
  }

  @Test func `a limited file size is a warning`() {
    let checks = LimitChecks(
      limits: Self.limits(fileSize: 1_000_000), neededDescriptors: nil, corePattern: nil
    ).checks
    #expect(Self.verdicts(checks) == ["descriptors ok", "cores ok", "file-size warning"])
    Self.expectRemedies(checks)
  }

  @Test func `processes are judged by the nearest limit`() {
    func judge(
      _ limit: UInt64?, used: UInt64 = 100, root: Bool = false, group: UInt64? = nil, workers: Int = 100
    ) -> DoctorCheck {
      ProcessFacts(
        limit: limit, used: used, isRoot: root, groupLimit: group, groupUsed: 10, workers: workers
      ).check
    }
    #expect(judge(nil).verdict == .ok)
    #expect(judge(200).verdict == .failure)
    #expect(judge(200, root: true).verdict == .ok)
    #expect(judge(500).verdict == .warning)
    #expect(judge(10_000).verdict == .ok)
    #expect(judge(10_000, group: 64).verdict == .failure)
    #expect(judge(10_000, group: 64).remedy?.contains("TasksMax") == true)
    Self.expectRemedies([judge(200), judge(500), judge(10_000, group: 64)])
  }

  @Test func `memory is judged by what is free here and in the control group`() {
    func judge(_ available: UInt64?, group: UInt64? = nil, used: UInt64 = 0, needed: UInt64? = 1 << 30)
      -> [DoctorCheck]
    {
      MemoryFacts(
        available: available, groupLimit: group, groupUsed: used, overcommit: 0, needed: needed
      ).checks
    }
    #expect(Self.verdicts(judge(8 << 30)) == ["memory ok"])
    #expect(Self.verdicts(judge(1 << 29)) == ["memory warning"])
    #expect(Self.verdicts(judge(8 << 30, group: 2 << 30)) == ["memory ok"])
    #expect(Self.verdicts(judge(8 << 30, group: 2 << 30, used: 3 << 29)) == ["memory warning"])
    #expect(judge(8 << 30, group: 1 << 28)[0].remedy?.contains("MemoryMax") == true)
    #expect(Self.verdicts(judge(nil)) == ["memory warning"])
    let strict = MemoryFacts(available: 8 << 30, groupLimit: nil, groupUsed: nil, overcommit: 2, needed: nil)
      .checks
    #expect(Self.verdicts(strict) == ["memory ok", "overcommit warning"])
    Self.expectRemedies(judge(1 << 29) + judge(nil) + strict)
  }

  @Test func `the folder of the sockets must be short, one's own and writable`() {
    func judge(
      _ path: String?, exists: Bool = true, writable: Bool = true, owner: UInt32 = 7, mode: UInt32 = 0o700,
      tmp: Bool = true
    ) -> [String] {
      let runtime = path.map {
        SocketFolderFacts.Folder(path: $0, exists: exists, isWritable: writable, owner: owner, mode: mode)
      }
      let temporary = SocketFolderFacts.Folder(
        path: "/tmp", exists: true, isWritable: tmp, owner: 0, mode: 0o1777)
      let checks = SocketFolderFacts(runtime: runtime, temporary: temporary, user: 7).checks
      Self.expectRemedies(checks)
      return Self.verdicts(checks)
    }
    #expect(judge("/run/user/7") == ["runtime-folder ok", "tmp ok"])
    #expect(judge(nil) == ["runtime-folder ok", "tmp ok"])
    #expect(judge(nil, tmp: false) == ["runtime-folder ok", "tmp failure"])
    #expect(judge("/run/user/7", tmp: false) == ["runtime-folder ok", "tmp warning"])
    #expect(judge("/run/user/7", exists: false) == ["runtime-folder warning", "tmp ok"])
    #expect(judge("/run/user/7", writable: false, tmp: false) == ["runtime-folder warning", "tmp failure"])
    #expect(judge("/run/user/7", owner: 8) == ["runtime-folder warning", "tmp ok"])
    #expect(judge("/run/user/7", mode: 0o777) == ["runtime-folder warning", "tmp ok"])
    #expect(judge("/" + String(repeating: "x", count: 64)) == ["runtime-folder warning", "tmp ok"])
    #expect(judge("/" + String(repeating: "x", count: 63)) == ["runtime-folder ok", "tmp ok"])
  }

  @Test func `a state wants a local disk that syncs`() {
    func judge(_ trial: StateFolderFacts.Trial, on type: String?) -> DoctorCheck {
      StateFolderFacts(folder: "/srv/s", existing: "/srv", trial: trial, fileSystem: type).check
    }
    #expect(judge(.worked(nanoseconds: 3_000_000), on: "ext4").verdict == .ok)
    #expect(judge(.worked(nanoseconds: 3_000_000), on: nil).verdict == .ok)
    #expect(judge(.worked(nanoseconds: 3_000_000), on: "nfs4").verdict == .warning)
    #expect(judge(.worked(nanoseconds: 3_000_000), on: "fuse.sshfs").verdict == .warning)
    #expect(judge(.worked(nanoseconds: 3_000_000), on: "tmpfs").verdict == .warning)
    #expect(judge(.worked(nanoseconds: 900_000_000), on: "ext4").verdict == .warning)
    #expect(judge(.failed("it is not permitted"), on: "ext4").verdict == .failure)
  }

  @Test func `the kernel must know pidfds`() {
    func judge(_ release: String) -> [String] {
      Self.verdicts(KernelFacts(release: release, missing: []).checks)
    }
    #expect(judge("6.18.44-fc") == ["kernel ok", "kernel-features ok"])
    #expect(judge("5.4.0-150-generic") == ["kernel ok", "kernel-features ok"])
    #expect(judge("4.18.0-372.el8") == ["kernel failure", "kernel-features ok"])
    #expect(judge("") == ["kernel warning", "kernel-features ok"])
    let missing = KernelFacts(release: "6.1", missing: [(feature: "pidfd_open", why: "it is not permitted")])
      .checks
    #expect(Self.verdicts(missing) == ["kernel ok", "kernel-features failure"])
    Self.expectRemedies(missing)
  }

  @Test func `proc must tell of threads, and there must be one`() {
    func judge(_ threads: Int?, tells: Bool = true, ptrace: Int? = nil) -> [String] {
      let checks = ProcFolderFacts(
        threads: threads, tellsStatistics: tells, tellsDescriptors: true, ptraceScope: ptrace
      ).checks
      Self.expectRemedies(checks)
      return Self.verdicts(checks)
    }
    #expect(judge(1) == ["proc ok"])
    #expect(judge(nil) == ["proc failure"])
    #expect(judge(2) == ["proc failure"])
    #expect(judge(1, tells: false) == ["proc warning"])
    #expect(judge(1, ptrace: 1) == ["proc ok", "debugger ok"])
  }

  @Test func `a full disk is a failure, a nearly full one a warning`() {
    func judge(_ free: UInt64?, files: UInt64? = nil) -> DoctorCheck.Verdict {
      DiskFacts(purpose: "state", folder: "/srv", free: free, files: files).check.verdict
    }
    #expect(judge(1 << 40) == .ok)
    #expect(judge(1 << 29) == .warning)
    #expect(judge(1 << 20) == .failure)
    #expect(judge(1 << 40, files: 3) == .warning)
    #expect(judge(nil) == .warning)
  }

  @Test func `a clock in the past or a slow one is a warning`() {
    func judge(_ wall: UInt64, cost: UInt64 = 30) -> DoctorCheck.Verdict {
      ClockFacts(wall: wall, cost: cost, source: "tsc").check.verdict
    }
    #expect(judge(1_800_000_000_000_000_000) == .ok)
    #expect(judge(0) == .warning)
    #expect(judge(1_800_000_000_000_000_000, cost: 5000) == .warning)
  }

  @Test func `libraries are judged by what they can do`() {
    func judge(
      _ version: [Int] = [4, 3, 4], built: [Int] = [4, 3, 4], ipc: Bool = true, curve: Bool = true,
      jq: String? = "1.6", sqlite: String = "3.40.1"
    ) -> [String] {
      let checks = LibraryFacts(
        swift: "6.3", zeroMQ: version, zeroMQBuilt: built, hasCURVE: curve, hasIPC: ipc, jq: jq,
        sqlite: sqlite, sqliteIsThreadsafe: true
      ).checks
      Self.expectRemedies(checks)
      return checks.filter { $0.verdict != .ok }.map { "\($0.name) \($0.verdict.rawValue)" }
    }
    #expect(judge() == [])
    #expect(judge([4, 2, 5]) == ["libzmq failure"])
    #expect(judge([4, 3, 3]) == ["libzmq warning"])
    #expect(judge([4, 3, 5]) == [])
    #expect(judge(ipc: false, curve: false) == ["libzmq failure", "curve warning"])
    #expect(judge(jq: nil) == ["libjq failure"])
    #expect(judge(jq: "1.5 or earlier") == ["libjq failure"])
    #expect(judge(sqlite: "3.36.0") == ["sqlite failure"])
  }

  @Test func `the report counts and aligns`() {
    let checks: [DoctorCheck] = [
      .ok("a", "fine"), .warning("longer", "hm", "do this"), .failure("b", "bad", "do that"),
    ]
    #expect(
      checks.text == """
        ok      a       fine
        warning longer  hm
                        -> do this
        FAILURE b       bad
                        -> do that
        3 checks: 1 failed, 1 to look at
        """)
    #expect(checks.hasFailure)
    #expect(![DoctorCheck.warning("x", "y", "z")].hasFailure)
  }
}
