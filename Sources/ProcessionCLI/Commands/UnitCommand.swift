import ArgumentParser
import Glibc
import PipelineFile
import Worker

/// `procession unit`: prints a systemd service for a pipeline.
struct UnitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unit", abstract: "Print a systemd unit that runs a pipeline.",
    discussion: """
      The unit starts '\(ProgramName.current) run' with this program and this file, by their absolute paths, counts status 3 \
      (stopped with work left) as success, and does not restart what can't get better by itself (2 and 5).

      What the file reads from the environment must be set in the unit: add Environment= or EnvironmentFile=.
      """)

  @OptionGroup var options: PipelineOptions

  @OptionGroup var state: StateOptions

  @Option(name: .long, help: "Name of the unit (default: procession- and the pipeline's).")
  var name: String?

  @Flag(name: .long, help: "For 'systemctl --user' instead of the system's manager.")
  var user = false

  struct Document: Encodable {
    let schema = "procession.unit/1"
    let name: String
    let path: String
    let text: String
  }

  func validate() throws {
    if let name, !Self.isUnitName(name) {
      throw ValidationError("'\(name)' is no unit name: use letters, digits and : - _ . \\ @")
    }
  }

  func run() throws {
    let plan = try options.load().plan
    let unit = UnitFile(
      name: name ?? Self.unitName(of: plan.name), pipeline: plan.name, program: Self.ownPath,
      arguments: arguments(plan), folder: plan.directory, stateFolder: state.folder(of: plan),
      outputFolders: PipelineNeeds(plan).outputs.map(\.folder),
      descriptors: DescriptorNeed.of(plan, plan.topology), isOfUser: user, account: user ? nil : Self.account)
    guard let text = unit.text else {
      Terminal.printError("error: \(plan.directory) holds a character that no unit file can; move the file")
      throw ExitCode(ExitStatusTable.usage)
    }
    if options.json {
      try Terminal.printJSON(Document(name: "\(unit.name).service", path: unit.path, text: text + "\n"))
      return
    }
    Terminal.printOutput(text)
    let manager = user ? "systemctl --user" : "systemctl"
    Terminal.printError(
      "save it as \(unit.path), then: \(manager) daemon-reload; \(manager) enable --now \(unit.name)")
  }

  private func arguments(_ plan: Plan) -> [String] {
    let current = PipelineOptions.currentDirectory()
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(current)/\(path)" }
    let file = plan.file.split(separator: "/").last.map(String.init) ?? plan.file
    var words = ["run", "--quiet"]
    for overlay in options.overlay { words += ["--overlay", absolute(overlay)] }
    if state.state != nil { words += ["--state", state.folder(of: plan)] }
    return words + [plan.directory == "/" ? "/\(file)" : "\(plan.directory)/\(file)"]
  }

  private static var ownPath: String {
    guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(path) }
    return String(cString: path)
  }

  /// Nil for root.
  private static var account: String? {
    let user = geteuid()
    if user == 0 { return nil }
    return getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? String(user)
  }

  private static let nameCharacters = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@".unicodeScalars)

  private static func isUnitName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count < 200 && name.unicodeScalars.allSatisfy(nameCharacters.contains)
  }

  private static func unitName(of pipeline: String) -> String {
    var name = "procession-"
    for scalar in pipeline.unicodeScalars {
      name.unicodeScalars.append(nameCharacters.contains(scalar) ? scalar : "-")
    }
    return String(name.prefix(150))
  }
}
