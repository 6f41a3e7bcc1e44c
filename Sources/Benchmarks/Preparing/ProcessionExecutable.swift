import Foundation

/// The built `procession`, and the pipelines that it runs here.
struct ProcessionExecutable {
  static let name = "procession"
  let path: String

  static func find(_ given: String?) throws -> ProcessionExecutable {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = given ?? URL(filePath: own).deletingLastPathComponent().appending(path: name).path()
    guard access(path, X_OK) == 0 else {
      throw BenchmarkError(
        """
        there is no executable at \(path). Build it in the same configuration \
        (swift build -c release --product procession), name another with --procession, or measure the \
        peers alone with --peers-only.
        """)
    }
    return ProcessionExecutable(path: path)
  }

  func contender(benchmark: String, dataset: Dataset, scratch: ScratchFolder) throws -> Benchmark.Contender {
    let workers = benchmark == "flights-2" ? 2 : 1
    let text =
      switch benchmark {
      case "csv-to-jsonl": PipelineTexts.csvToJSONLines(dataset: dataset, name: benchmark)
      case "durability": PipelineTexts.copy(dataset: dataset, name: benchmark, sink: nil)
      default: PipelineTexts.flights(dataset: dataset, name: benchmark, workers: workers)
      }
    let file = try scratch.write(text, to: "\(benchmark).yaml")
    let output = try scratch.folder("out")
    return Benchmark.Contender(
      name: Self.name, command: [path, "run", "--fresh", file], environment: ["OUT_DIR": output],
      output: "\(output)/\(benchmark).jsonl")
  }

  /// The same chain as `durability`, whose sink keeps nothing.
  func discarding(
    benchmark: String, dataset: Dataset, scratch: ScratchFolder
  ) throws -> Benchmark.Contender {
    let text = PipelineTexts.copy(dataset: dataset, name: benchmark + "-discard", sink: "discard")
    let file = try scratch.write(text, to: "\(benchmark)-discard.yaml")
    return Benchmark.Contender(name: "\(Self.name), discard", command: [path, "run", "--fresh", file])
  }
}
