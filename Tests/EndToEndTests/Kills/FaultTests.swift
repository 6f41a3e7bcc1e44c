import Testing

extension EndToEnd {
  /// Each worker killed at each place where its death could tell the difference.
  @Suite struct FaultTests {
    static let source = ["ready", "send", "commit", "report"]
    static let step = ["ready", "taken", "send", "done"]
    static let sink = ["ready", "taken", "write", "commit", "done", "report"]
    /// Each stage's places in turn, side by side: a stage with fewer comes to its last places again.
    static let places: [String] = {
      let workers = [("read.0", source), ("clean.0", step), ("write.0", sink)].map { worker, points in
        points.flatMap { ["\(worker):before-\($0):1", "\(worker):after-\($0):1"] }
      }
      return (0..<sink.count * 2).map { turn in
        workers.map { $0[min(turn, $0.count - 1)] }.joined(separator: ",")
      }
    }()

    @Test(arguments: ["spawn", "forkserver"], places)
    func deathsAtEffectsChangeNothing(method: String, faults: String) throws {
      let workspace = Workspace()
      // With one worker, so that it is sure to come to the place.
      var flights = FlightsRun.all(method, workers: 1)
      flights.faults = faults
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      for place in faults.split(separator: ",") {
        // The sink's only report is that it has finished: a death after that is none to speak of.
        if place == "write.0:after-report:1" { continue }
        let worker = place.prefix { $0 != ":" }
        #expect(
          result.errors.contains("\(worker) was killed by SIGKILL after"), "\(place):\n\(result.errors)")
      }
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights, "\(faults)\n\(result.errors)")
    }

    /// A death alone: no other restart can hide what it does.
    @Test(arguments: Set(places.flatMap { $0.split(separator: ",").map(String.init) }).sorted())
    func oneDeathAloneChangesNothing(fault: String) throws {
      let workspace = Workspace()
      var flights = FlightsRun.all("fork", workers: 1)
      flights.faults = fault
      let result = try flights.complete(in: workspace)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("every stage balances"), "\(result.errors)")
      #expect(
        result.errors.contains("was killed by SIGKILL after") == (fault != "write.0:after-report:1"),
        "\(fault):\n\(result.errors)")
      expectSameBytes(workspace.read("out.jsonl"), Repository.expectedFlights, "\(fault)\n\(result.errors)")
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
