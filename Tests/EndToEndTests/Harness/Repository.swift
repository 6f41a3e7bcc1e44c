import Glibc

/// Where the tests find what they run and compare with.
enum Repository {
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(4)
    return "/" + parts.joined(separator: "/")
  }()

  static func pipeline(_ name: String) -> String { "\(root)/pipelines/\(name).yaml" }

  static let flights = FileBytes.read("\(root)/pipelines/data/flights.csv")!
  static let expectedFlights = FileBytes.read(
    "\(root)/Tests/EndToEndTests/Golden/flights.expected.jsonl")!

  /// The built command.
  static let executable = built("procession")

  /// A program with types of its own.
  static let stepsFixture = built("StepsFixture")

  /// A program with steps that keep state.
  static let stateFixture = built("StateFixture")

  /// What is built beside the tests, or beside what the tests' helper was given.
  private static func built(_ name: String) -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count)
    let own = String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let found = ([own] + CommandLine.arguments).map { candidate in
      candidate[..<(candidate.lastIndex(of: "/") ?? candidate.startIndex)] + "/\(name)"
    }
    return found.first { access(String($0), X_OK) == 0 }.map(String.init) ?? "\(name) is not built"
  }
}
