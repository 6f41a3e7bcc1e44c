import Foundation

/// One job, done by several contenders.
struct Benchmark {
  static let names = ["csv-to-jsonl", "flights-1", "flights-2", "durability"]

  var name: String
  /// Procession first, if it takes part: the others are compared with it.
  var contenders: [Contender]
  /// How many lines every contender must write.
  var expectedLines: Int
  /// The outputs are the input's lines, whose number says enough.
  var isCopy = false

  /// A command that writes its result to `output`.
  struct Contender {
    var name: String
    var command: [String]
    var environment: [String: String] = [:]
    /// Nil for one that keeps nothing.
    var output: String?
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
    benchmarks.append(
      Benchmark(
        name: names[3],
        contenders: peers.copies()
          + [try procession.discarding(benchmark: names[3], dataset: dataset, scratch: scratch)],
        expectedLines: dataset.rows + 1, isCopy: true))
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
        remove(contender.output)
        note("\(name): \(contender.name), run \(repetition) of \(repetitions)")
        let measurement = try MeasuredProcess.run(
          contender.command, environment: contender.environment, log: scratch.path("log"))
        runs[index].append(measurement)
        try check(contender)
      }
      if repetition == 1 { try compareOutputs(tools: tools) }
    }
    for contender in contenders { remove(contender.output) }
    return zip(contenders, runs).map { ContenderResult(name: $0.name, runs: $1) }
  }

  private func check(_ contender: Contender) throws {
    guard let output = contender.output else { return }
    let lines = try LineCount.of(output)
    guard lines == expectedLines else {
      throw BenchmarkError(
        "\(name): \(contender.name) wrote \(lines) lines, \(expectedLines) were expected")
    }
  }

  private func compareOutputs(tools: PythonTools) throws {
    let outputs = contenders.compactMap(\.output)
    guard outputs.count > 1, !isCopy else { return }
    note("\(name): comparing the outputs")
    try tools.run(script: PeerScripts.compare, arguments: outputs, what: "comparison")
  }

  private func remove(_ output: String?) {
    if let output { try? FileManager.default.removeItem(atPath: output) }
  }
}

/// Tells progress on standard error: standard output carries the table only.
func note(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
