import TestSupport

/// The flights many times over, for runs that last long enough to be disturbed.
struct ManyFlights {
  let times: Int

  private static let header = Repository.flights.firstIndex(of: 0x0A)! + 1

  /// As `many.csv` in the workspace.
  func write(to workspace: Workspace) -> String {
    let header = Array(Repository.flights[..<Self.header])
    workspace.write("many.csv", header + [UInt8](Array(Repository.flights[Self.header...]), times: times))
    return "many.csv"
  }

  /// What an undisturbed run writes: each record depends on its own row only.
  var expected: [UInt8] { [UInt8](Repository.expectedFlights, times: times) }
}
