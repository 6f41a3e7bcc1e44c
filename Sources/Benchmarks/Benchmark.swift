import Foundation

/// One job, done by several contenders.
struct Benchmark {
  static let names = ["csv-to-jsonl", "flights-1", "flights-2"]

  var name: String
  /// Procession first, if it takes part: the others are compared with it.
  var contenders: [Contender]
  /// How many lines every contender must write.
  var expectedLines: Int

  /// A command that writes its result to `output`.
  struct Contender {
    var name: String
    var command: [String]
    var environment: [String: String] = [:]
    var output: String
  }

  static func all(
    dataset: Dataset, tools: PythonTools, scratch: ScratchFolder, procession: ProcessionExecutable?
  ) throws -> [Benchmark] {
    let peers = Peers(dataset: dataset, tools: tools, scratch: scratch)
    var benchmarks = [
      Benchmark(
        name: names[0], contenders: [try peers.duckDB(job: "csv-to-jsonl")], expectedLines: dataset.rows)
    ]
    for workers in 1...2 {
      benchmarks.append(
        Benchmark(
          name: names[workers],
          contenders: [try peers.duckDB(job: "flights"), try peers.pythonStages(workers: workers)],
          expectedLines: dataset.departedRows))
    }
    guard let procession else { return benchmarks }
    for index in benchmarks.indices {
      let name = benchmarks[index].name
      benchmarks[index].contenders.insert(
        try procession.contender(benchmark: name, dataset: dataset, scratch: scratch), at: 0)
    }
    return benchmarks
  }

  /// Runs the contenders in turn and checks that all of them did the same job.
  func run(repetitions: Int, scratch: ScratchFolder, tools: PythonTools) throws -> [ContenderResult] {
    var runs = [[Measurement]](repeating: [], count: contenders.count)
    for repetition in 1...repetitions {
      for (index, contender) in contenders.enumerated() {
        try? FileManager.default.removeItem(atPath: contender.output)
        note("\(name): \(contender.name), run \(repetition) of \(repetitions)")
        let measurement = try MeasuredProcess.run(
          contender.command, environment: contender.environment, log: scratch.path("log"))
        runs[index].append(measurement)
        try check(contender)
      }
      if repetition == 1 { try compareOutputs(tools: tools) }
    }
    for contender in contenders { try? FileManager.default.removeItem(atPath: contender.output) }
    return zip(contenders, runs).map { ContenderResult(name: $0.name, runs: $1) }
  }

  private func check(_ contender: Contender) throws {
    let lines = try LineCount.of(contender.output)
    guard lines == expectedLines else {
      throw BenchmarkError(
        "\(name): \(contender.name) wrote \(lines) lines, \(expectedLines) were expected")
    }
  }

  private func compareOutputs(tools: PythonTools) throws {
    guard contenders.count > 1 else { return }
    note("\(name): comparing the outputs")
    try tools.run(script: PeerScripts.compare, arguments: contenders.map(\.output), what: "comparison")
  }
}

/// Tells progress on standard error: standard output carries the table only.
func note(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
