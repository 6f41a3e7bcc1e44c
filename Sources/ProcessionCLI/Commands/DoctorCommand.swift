import ArgumentParser
import Glibc
import PipelineFile
import POSIXKit

/// `procession doctor`: looks whether this machine can run pipelines, and says what to do where it can't.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check this machine, and say what to do about what it finds.",
    discussion: """
      Checks libraries, limits, folders and kernel features; with a pipeline file, also whether it is valid, its \
      inputs and outputs can be used, and the limits are enough for it. Starts nothing; what it writes to try \
      a folder is removed again.

      Exit status: 0 where nothing failed (there may be warnings), 1 otherwise.
      """)

  @Argument(help: "A pipeline file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @OptionGroup var state: StateOptions

  @Flag(name: .long, help: "Print JSON to standard output.")
  var json = false

  struct Document: Encodable {
    let schema = "procession.doctor/1"
    let failures: Int
    let warnings: Int
    let checks: [DoctorCheck]
  }

  func run() throws {
    let checks = look()
    if json {
      try Terminal.printJSON(
        Document(
          failures: checks.count { $0.verdict == .failure },
          warnings: checks.count { $0.verdict == .warning },
          checks: checks))
    } else {
      Terminal.printOutput(checks.text)
    }
    if checks.hasFailure { throw ExitCode(ExitStatusTable.failed) }
  }

  private func look() -> [DoctorCheck] {
    // First, before anything could have started a thread.
    let proc = ProcFolderFacts.probe(pid: getpid())
    let loaded = file.map { ($0, PipelineOptions.loadQuietly($0)) }
    var needs: PipelineNeeds?
    var plan: Plan?
    var pipeline: [DoctorCheck] = []
    switch loaded {
    case nil: break
    case (let file, .failure(let errors))?:
      let texts = errors.diagnostics.filter { $0.severity == .error }.map {
        "\($0.position): \($0.message)"
      }
      pipeline =
        PipelineFacts(
          file: file, errors: texts, warnings: 0, inputs: 0, outputs: 0, unreadable: [], unwritable: []
        ).checks
    case (_, .success(let loaded))?:
      let found = PipelineNeeds(loaded.plan)
      pipeline = PipelineFacts.probe(loaded, found).checks
      (needs, plan) = (found, loaded.plan)
    }
    let current = PipelineOptions.currentDirectory()
    let stateFolder = plan.map(state.folder) ?? state.absolute ?? "\(current)/.procession"
    return machine(proc, needs, stateFolder) + pipeline
  }

  private func machine(
    _ proc: ProcFolderFacts, _ needs: PipelineNeeds?, _ stateFolder: String
  ) -> [DoctorCheck] {
    let limits = ResourceLimits.probe()
    let group = ControlGroup()
    let pattern = (try? textOfSystemFile("/proc/sys/kernel/core_pattern"))?.split(separator: "\n").first
    var checks = LibraryFacts.probe().checks + KernelFacts.probe().checks + proc.checks
    checks +=
      LimitChecks(
        limits: limits, neededDescriptors: needs?.descriptors, corePattern: pattern.map(String.init)
      ).checks
    checks.append(ProcessFacts.probe(limits, group, workers: needs?.workers).check)
    checks += MemoryFacts.probe(group, needed: needs?.memory).checks
    checks += SocketFolderFacts.probe().checks
    checks.append(StateFolderFacts.probe(stateFolder).check)
    checks.append(DiskFacts.probe("state", stateFolder).check)
    var folders: [String] = []
    for output in needs?.outputs ?? [] where !folders.contains(output.folder) {
      folders.append(output.folder)
    }
    checks += folders.map { DiskFacts.probe("output", $0).check }
    checks.append(ClockFacts.probe().check)
    return checks
  }
}
