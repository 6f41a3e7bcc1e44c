import Procession
import Testing

/// Settings of a step, as its pipeline file's reader is told of them.
struct SettingsTests {
  private struct Many: RecordStep {
    enum Mode: String, CaseIterable { case fast, exact }

    private let said: [String]

    init(settings: Settings) throws {
      let mode: Mode = settings.choice("mode", default: .fast)
      let count = settings.integer("count", default: 3, in: 1...5)
      let retry = settings.settings("retry")
      said = [
        settings.text("name"), "\(count)",
        "\(settings.number("ratio", default: 0.5))", "\(settings.flag("strict", default: false))",
        "\(settings.duration("every", default: .seconds(90)))", "\(settings.size("most", default: 1 << 20))",
        mode.rawValue, settings.texts("columns", default: ["a"]).joined(separator: "+"),
        "\(retry.integer("max", default: 1))",
      ]
      if count == 4 {
        settings.refuse("count", "4 is unlucky here", remedy: "write 3 or 5")
      }
    }

    func process(_ record: Record, into output: inout Output) throws { try output.append(said) }
  }

  private func problems(_ settings: PipelineValue) -> [String] {
    do {
      _ = try StepTrial(Many.self, settings: settings)
      return []
    } catch let error as StepTrial.SettingsError { return error.problems } catch { return ["\(error)"] }
  }

  @Test func `each type is read, and what is left out has its default`() throws {
    let given = try StepTrial(
      Many.self,
      settings: [
        "name": "x", "count": 5, "ratio": 0.25, "strict": true, "every": "2m", "most": "64KiB",
        "mode": "exact", "columns": ["b", "c"], "retry": ["max": 9],
      ])
    #expect(
      try given.run(["1"]).records == [#"["x","5","0.25","true","120.0 seconds","65536","exact","b+c","9"]"#])
    let open = try StepTrial(Many.self, settings: ["name": "x"])
    #expect(
      try open.run(["1"]).records == [#"["x","3","0.5","false","90.0 seconds","1048576","fast","a","1"]"#])
  }

  private static let wrong: [(PipelineValue, [String])] = [
    (["count": 9, "name": "x"], ["'count': 9 is out of range; write a number from 1 to 5"]),
    (["name": "x", "count": 4], ["'count': 4 is unlucky here; write 3 or 5"]),
    (["name": "x", "every": 5], ["'every': the duration '5' has no unit; write 5s"]),
    (
      ["name": "x", "mode": "exakt"],
      ["'mode': 'exakt' is not one of the choices; did you mean 'exact'? write fast or exact"]
    ),
    (
      ["name": "x", "retry": ["mx": 1]],
      ["unknown key 'mx' in 'retry' of the settings of 'the step'; did you mean 'max'? known: max"]
    ),
    (["name": "x", "ratio": "much"], ["'ratio': 'much' is no number; write one such as 1, 0.5 or 1e-3"]),
  ]

  @Test(arguments: wrong) func `what is wrong is told with what would be right`(
    _ settings: PipelineValue, _ expected: [String]
  ) {
    #expect(problems(settings) == expected)
  }

  @Test func `all that is wrong is told at once`() {
    #expect(
      problems(["count": "many", "most": 3]) == [
        "'count': 'many' is no whole number; write one from 1 to 5",
        "the settings of 'the step': 'name' is missing; add 'name: ...'",
        "'most': the size '3' has no unit; write 3B, 3KiB or 3MiB",
      ])
  }
}
