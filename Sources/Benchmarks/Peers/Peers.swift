/// What users would pick instead, as commands.
struct Peers {
  var dataset: Dataset
  var tools: PythonTools
  var scratch: ScratchFolder

  func duckDB(job: String) throws -> Benchmark.Contender {
    try contender(
      name: "DuckDB \(tools.duckDBVersion)", file: "duckdb.py", script: PeerScripts.duckDB,
      arguments: [job, dataset.flights, dataset.airlines], output: "duckdb.jsonl")
  }

  func pythonStages(workers: Int) throws -> Benchmark.Contender {
    try contender(
      name: "Python \(tools.pythonVersion), \(workers) worker\(workers == 1 ? "" : "s")", file: "stages.py",
      script: PeerScripts.pythonStages, arguments: ["\(workers)", dataset.flights, dataset.airlines],
      output: "stages.jsonl")
  }

  /// The input copied: by `cat`, and by `dd` that waits for the disk.
  func copies() -> [Benchmark.Contender] {
    let output = scratch.path("copy")
    return [
      Benchmark.Contender(
        name: "cat", command: ["/bin/sh", "-c", "cat \"$1\" > \"$2\"", "cat", dataset.flights, output],
        output: output),
      Benchmark.Contender(
        name: "dd, fsync",
        command: ["/bin/dd", "if=\(dataset.flights)", "of=\(output)", "bs=1M", "conv=fsync", "status=none"],
        output: output),
    ]
  }

  private func contender(
    name: String, file: String, script: String, arguments: [String], output: String
  ) throws -> Benchmark.Contender {
    let path = try scratch.write(script, to: "peer-" + file)
    let destination = scratch.path(output)
    return Benchmark.Contender(
      name: name, command: [tools.python, path] + arguments + [destination], output: destination)
  }
}
