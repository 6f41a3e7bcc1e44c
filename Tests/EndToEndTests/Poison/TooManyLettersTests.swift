import Testing

extension EndToEnd {
  /// A stage that can work on too little must stop the run, not succeed.
  @Suite struct TooManyLettersTests {
    private static let refusesAll = "error(\\\"never\\\")"

    @Test func aStageThatRefusesEverythingStopsTheRun() throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: Self.refusesAll, records: 100_000, poison: [])
      let result = try poison.complete(in: workspace)
      #expect(result.status == 1, "\(result.errors)")
      #expect(result.errors.contains("stage work could not work on "), "\(result.errors)")
      #expect(result.errors.contains("and 'dead_letters' allows 10%"), "\(result.errors)")
    }

    @Test func fewRecordsAreJudgedAtTheEnd() throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: Self.refusesAll, records: 50, poison: [])
      let result = try poison.complete(in: workspace)
      #expect(result.status == 1, "\(result.errors)")
      #expect(
        result.errors.contains("stage work could not work on any of its 50 records"), "\(result.errors)")
      #expect(try workspace.letters().count == 50)
    }

    @Test func oneOfFewRecordsIsNotTooMany() throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: PoisonRun.throwsError, records: 4, poison: [0, 1, 2])
      #expect(try poison.complete(in: workspace).status == 0)
    }

    @Test(arguments: [("limit: 2", Int32(1)), ("limit: 3", 0), ("limit: none", 0), ("limit: 0.05%", 1)])
    func theLimitIsTheFiles(limit: String, status: Int32) throws {
      let workspace = Workspace()
      let poison = PoisonRun(program: PoisonRun.throwsError, top: "dead_letters: { \(limit) }")
      let result = try poison.complete(in: workspace)
      #expect(result.status == status, "\(result.errors)")
    }

    @Test func withoutALimitEverythingMayDie() throws {
      let workspace = Workspace()
      let poison = PoisonRun(
        program: Self.refusesAll, top: "dead_letters: { limit: none }", records: 50, poison: [])
      #expect(try poison.complete(in: workspace).status == 0)
    }
  }
}
