/// A systemd service that runs a pipeline.
package struct UnitFile {
  /// Of the unit, without `.service`.
  package var name: String
  package var pipeline: String
  /// Absolute, and the arguments behind it.
  package var program: String
  package var arguments: [String]
  /// Absolute: the folder of the pipeline file, and that of its state.
  package var folder: String
  package var stateFolder: String
  /// Absolute folders that the sinks write into.
  package var outputFolders: [String]
  /// Descriptors that a run needs.
  package var descriptors: Int
  /// For the user's own manager, `systemctl --user`.
  package var isOfUser: Bool
  /// Whom a system service runs as; nil: root.
  package var account: String?

  package init(
    name: String, pipeline: String, program: String, arguments: [String], folder: String,
    stateFolder: String, outputFolders: [String], descriptors: Int, isOfUser: Bool, account: String?
  ) {
    self.name = name
    self.pipeline = pipeline
    self.program = program
    self.arguments = arguments
    self.folder = folder
    self.stateFolder = stateFolder
    self.outputFolders = outputFolders
    self.descriptors = descriptors
    self.isOfUser = isOfUser
    self.account = account
  }

  /// Seconds after which a drain is given up, and without a sign of life after which the run is ended.
  private static let stopSeconds = 90
  private static let watchdogSeconds = 30
  private static let fewestDescriptors = 65536
  /// Folders that `ProtectSystem=full` makes read-only.
  private static let systemFolders = ["/usr", "/boot", "/efi", "/etc"]

  /// Where the unit goes.
  package var path: String {
    isOfUser ? "~/.config/systemd/user/\(name).service" : "/etc/systemd/system/\(name).service"
  }

  /// Nil where a path holds a character that no unit can.
  package var text: String? {
    guard let working = UnitQuoting.path(folder) else { return nil }
    let command = ([UnitQuoting.program(program)] + arguments.map(UnitQuoting.argument)).joined(
      separator: " ")
    var mounts: [String] = []
    for folder in [folder, stateFolder] + outputFolders where !mounts.contains(folder) {
      mounts.append(folder)
    }
    return """
      # Made by: \(ProgramName.current) unit

      [Unit]
      Description=Procession pipeline \(UnitQuoting.text(pipeline))
      RequiresMountsFor=\(mounts.map(UnitQuoting.listed).joined(separator: " "))
      # A pipeline that fails this often does not mend itself.
      StartLimitIntervalSec=10min
      StartLimitBurst=5

      [Service]
      # Ready once all workers are.
      Type=notify
      NotifyAccess=main
      ExecStart=\(command)
      WorkingDirectory=\(working)
      \(account.map { "User=\(UnitQuoting.text($0))\n" } ?? "")\
      TimeoutStartSec=5min
      WatchdogSec=\(Self.watchdogSeconds)s
      # SIGTERM drains, and only the supervisor gets it; what is left after the timeout is killed, and the next
      # start goes on from there.
      KillMode=mixed
      TimeoutStopSec=\(Self.stopSeconds)s
      # 3: stopped with work left. 2 and 5, a wrong pipeline file and a state in use, stay as they are.
      SuccessExitStatus=3
      Restart=on-failure
      RestartSec=1s
      RestartPreventExitStatus=2 5
      # A worker that the kernel ends for its memory is the supervisor's to replace.
      OOMPolicy=continue
      LimitNOFILE=\(max(descriptors, Self.fewestDescriptors))

      # No PrivateTmp: the run's sockets must be where '\(ProgramName.current) ps' looks.
      \(hardening.joined(separator: "\n"))

      [Install]
      WantedBy=\(isOfUser ? "default.target" : "multi-user.target")
      """
  }

  /// What a manager without privileges can do is less.
  private var hardening: [String] {
    let common = [
      "NoNewPrivileges=yes", "LockPersonality=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes",
      "SystemCallArchitectures=native", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    ]
    if isOfUser { return common }
    let writesSystem = ([folder, stateFolder] + outputFolders).contains { written in
      Self.systemFolders.contains { written == $0 || written.hasPrefix($0 + "/") }
    }
    return common + (writesSystem ? [] : ["ProtectSystem=full"]) + [
      "ProtectControlGroups=yes", "ProtectKernelModules=yes", "ProtectKernelTunables=yes",
      "ProtectKernelLogs=yes", "ProtectClock=yes", "ProtectHostname=yes", "RestrictNamespaces=yes",
    ]
  }
}
