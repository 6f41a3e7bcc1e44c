import Testing

extension EndToEnd {
  /// Each worker killed at each place where its death could tell the difference.
  @Suite struct FaultTests {
    static let source = ["ready", "send", "commit", "report"]
    static let step = ["ready", "taken", "send", "done"]
    static let sink = ["ready", "taken", "write", "commit", "done", "report"]
    static let places: [String] =
      [("read.0", source), ("clean.0", step), ("write.0", sink)].flatMap { worker, points in
        points.flatMap { ["\(worker):before-\($0):1", "\(worker):after-\($0):1"] }
      }

    @Test(arguments: FlightsRun.methods, places)
    func aDeathAtAnEffectChangesNothing(method: String, place: String) throws {
      let workspace = Workspace()
      var flights = FlightsRun.all(method)
      flights.faults = place
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      let worker = place.prefix { $0 != ":" }
      #expect(
        result.errors.contains("\(worker) was killed by SIGKILL after"), "\(place):\n\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights, "\(place)\n\(result.errors)")
    }

    /// Several deaths in one run, the later ones among batches that were sent twice.
    @Test(arguments: FlightsRun.methods)
    func deathsEverywhereChangeNothing(method: String) throws {
      let workspace = Workspace()
      var flights = FlightsRun.all(method)
      flights.faults = "read.0:after-send:2,clean.0:before-done:1,clean.1:after-send:1,write.0:after-commit:1"
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("read.0 was killed by SIGKILL"), "\(result.errors)")
      #expect(result.errors.contains("write.0 was killed by SIGKILL"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights, result.errors)
    }
  }
}
