import TestSupport

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

  private static func built(_ name: String) -> String {
    do { return try BuiltProgram.path(name) } catch { return "\(error)" }
  }
}
