/// The flights many times over, for runs that last long enough to be disturbed.
struct ManyFlights {
  let times: Int

  private static let header = Repository.flights.firstIndex(of: 0x0A)! + 1

  /// As `many.csv` in the workspace.
  func write(to workspace: Workspace) -> String {
    var bytes = Array(Repository.flights[..<Self.header])
    bytes.reserveCapacity(Repository.flights.count * times)
    for _ in 0..<times { bytes += Repository.flights[Self.header...] }
    workspace.write("many.csv", bytes)
    return "many.csv"
  }

  /// What an undisturbed run writes: each record depends on its own row only.
  var expected: [UInt8] { Array(repeatElement(Repository.expectedFlights, count: times).joined()) }
}
