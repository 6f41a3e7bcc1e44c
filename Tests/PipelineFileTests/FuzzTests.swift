import TestSupport
import Testing

import PipelineFile

@Suite struct FuzzTests {
  /// Bytes that mean something to YAML, to interpolation or to jq.
  static let bytes = Array("{}[]:,-#&*!|>'\"%@` \n\t\r\\$<.?~a0\u{0}é\u{2028}".utf8) + [0xFF, 0xC3]

  @Test(arguments: 0..<8) func noFileCrashesTheReader(_ seed: Int) {
    var random = SeededRandom(UInt64(seed))
    let workspace = Workspace()
    workspace.environment["DB_URL"] = "x"
    let files = [PlanTests.full, ExampleFileTests.newer, ExampleFileTests.design]
    let valid = Array(files[seed % files.count].utf8)
    for round in 0..<500 {
      var text = valid
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text.remove(at: place)
        case 1: text[place] = Self.bytes.randomElement(using: &random)!
        case 2: text.insert(Self.bytes.randomElement(using: &random)!, at: place)
        default:
          let end = min(text.count, place + Int.random(in: 1..<40, using: &random))
          let other = Int.random(in: 0..<text.count, using: &random)
          text.insert(contentsOf: text[place..<end], at: other)
        }
      }
      workspace.write("p.yaml", text)
      if case .failure(let errors) = workspace.load() {
        #expect(errors.diagnostics.contains { $0.severity == .error }, "seed \(seed), round \(round)")
        #expect(errors.diagnostics.allSatisfy { $0.position.line > 0 }, "seed \(seed), round \(round)")
        #expect(!errors.description.isEmpty)
      }
    }
  }
}
