import ArgumentParser
import Glibc
import PipelineFile
import POSIXKit

/// `procession chaos`: tries a pipeline's promise with kills.
struct ChaosCommand: ParsableCommand {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case worker, source, sink, forkserver, supervisor, everything, all
  }

  static let configuration = CommandConfiguration(
    commandName: "chaos",
    abstract: "Run a pipeline under kills and compare what it writes with an undisturbed run.",
    discussion: """
      Runs the pipeline once undisturbed, then again, as often as the kills last, while processes of it are \
      killed (SIGKILL) at random moments; a run whose supervisor was killed is gone on with. Every sink writes \
      into a scratch folder, never where the file says. The status is 0 if every output is the same, 1 if not.

        \(ProgramName.current) chaos pipeline.yaml --kills 1000
        \(ProgramName.current) chaos pipeline.yaml --kill supervisor --rate 5 --duration 30s --seed 7
      """)

  @OptionGroup var options: PipelineOptions

  @Option(help: "How many kills (default: 100, or what fits into --duration).")
  var kills: Int?

  @Option(
    help: "What to kill; may be repeated: worker, source, sink, forkserver, supervisor, everything, all.")
  var kill: [Kind] = [.all]

  @Option(help: "Kills a second, on average.")
  var rate: Double = 40

  @Option(help: "No kills after this time: 30s, 5m.")
  var duration: String?

  @Option(help: "Seed of the schedule (default: a random one, which is printed).")
  var seed: UInt64?

  @Flag(name: .long, help: "Try a pipeline although it has effects outside of its sinks.")
  var allowExternal = false

  func validate() throws {
    if let kills, kills < 1 { throw ValidationError("--kills must be at least 1") }
    guard rate > 0 && rate <= 10_000 else {
      throw ValidationError("--rate must be above 0, and 10000 at most")
    }
    if let duration { _ = try Self.nanoseconds(duration) }
  }

  private static func nanoseconds(_ text: String) throws -> UInt64 {
    do throws(ScalarProblem) {
      return try DurationText.parse(text)
    } catch {
      throw ValidationError("--duration: \(error.message); \(error.remedy)")
    }
  }

  func run() throws {
    let loaded = try options.load()
    var victims = kill.compactMap { ChaosVictim(rawValue: $0.rawValue) }
    if kill.contains(.all) { victims = ChaosVictim.allCases }
    let span = try duration.map(Self.nanoseconds)
    let settings = ChaosOptions(
      seed: seed ?? UInt64.random(in: 0...0xFFFF_FFFF), kills: kills ?? (span == nil ? 100 : nil), rate: rate,
      duration: span, victims: ChaosVictim.allCases.filter(victims.contains), showsProgress: true)
    Terminal.printError(
      "chaos on \(loaded.plan.name), seed \(settings.seed), into a scratch folder; sinks elsewhere are not touched"
    )
    let folder = try Self.makeScratch()
    let driver = ChaosDriver(
      loaded.plan, options: settings, folder: folder,
      log: try ChaosLog(path: "\(folder)/kills.jsonl", printsToo: options.json)
    ) { Terminal.printError($0) }
    let result: ChaosResult
    do {
      result = try driver.run()
    } catch let refusal as ChaosRefusal {
      Terminal.printError("error: \(refusal.description)")
      Self.remove(folder)
      throw ExitCode(ExitStatusTable.usage)
    }
    for line in result.lines { Terminal.printError(line) }
    if options.json { try Terminal.printJSONLine(ChaosDocument(result, pipeline: loaded.plan.name)) }
    guard result.isSame else { throw ExitCode(ExitStatusTable.failed) }
    Self.remove(folder)
  }

  private static func makeScratch() throws -> String {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/procession-chaos-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemCallError.last("mkdtemp", parent) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func remove(_ folder: String) {
    var status = stat()
    for name in (try? namesInFolder(folder)) ?? [] {
      let path = "\(folder)/\(name)"
      if lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR {
        remove(path)
      } else {
        unlink(path)
      }
    }
    rmdir(folder)
  }
}
