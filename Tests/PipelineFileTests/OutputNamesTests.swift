import TestSupport
import Testing

import PipelineFile

@Suite struct OutputNamesTests {
  @Test func numbersStandBeforeTheExtension() {
    #expect(OutputNames(path: "/o/late.jsonl").path() == "/o/late.jsonl")
    #expect(OutputNames(path: "/o/late.jsonl", workers: 2).path(worker: 1) == "/o/late.1.jsonl")
    #expect(OutputNames(path: "/o/late.jsonl", isRotated: true).path(part: 1) == "/o/late.000001.jsonl")
    let both = OutputNames(path: "/o/late.jsonl", workers: 2, isRotated: true)
    #expect(both.path(worker: 0, part: 12) == "/o/late.0.000012.jsonl")
    #expect(both.path(worker: 1, part: 1_234_567) == "/o/late.1.1234567.jsonl")
    #expect(both.pattern == "/o/late.*.jsonl")
  }

  @Test func namesWithoutExtension() {
    #expect(OutputNames(path: "/o.d/late", workers: 2).path(worker: 1) == "/o.d/late.1")
    #expect(OutputNames(path: "/o.d/.late", workers: 2).path(worker: 1) == "/o.d/.late.1")
    #expect(OutputNames(path: "late", isRotated: true).path(part: 7) == "late.000007")
  }

  static let strangers = [
    "/o/late.2.jsonl", "/o/late.00.jsonl", "/o/late.jsonl", "/o/late..jsonl", "/o/late.0.csv",
    "/o/early.0.jsonl", "/o/late.0.0.jsonl", "/o/late.x.jsonl", "/o/late.0.000001.jsonl", "",
  ]

  @Test(arguments: strangers) func strangersAreTold(_ path: String) {
    #expect(!OutputNames(path: "/o/late.jsonl", workers: 2).contains(path))
  }

  @Test func partsHaveSixDigitsOrMore() {
    let names = OutputNames(path: "/o/late.jsonl", isRotated: true)
    #expect(names.contains("/o/late.000000.jsonl") && names.contains("/o/late.1234567.jsonl"))
    #expect(!names.contains("/o/late.00001.jsonl") && !names.contains("/o/late.0000001.jsonl"))
  }

  /// Compared with the sets of the first names that both make.
  @Test(arguments: 0..<50) func familiesMeetIfTheyShareAName(_ seed: Int) {
    var random = SeededRandom(UInt64(seed))
    let paths = ["/o/a.b", "/o/a.0.b", "/o/a.1.b", "/o/a.000001.b", "/o/a", "/o/a.0", "/o/a.0.000001.b"]
    func family() -> (names: OutputNames, paths: Set<String>) {
      let workers = Int.random(in: 1...3, using: &random)
      let names = OutputNames(
        path: paths.randomElement(using: &random)!, workers: workers,
        isRotated: Bool.random(using: &random))
      let all = (0..<workers).flatMap { worker in (1...3).map { names.path(worker: worker, part: $0) } }
      return (names, Set(all))
    }
    for _ in 0..<100 {
      let (left, right) = (family(), family())
      #expect(left.paths.allSatisfy(left.names.contains), "seed \(seed)")
      let shared = left.paths.intersection(right.paths)
      #expect(
        (left.names.shared(with: right.names) != nil) == !shared.isEmpty, "seed \(seed): \(left) \(right)")
      #expect(
        (right.names.shared(with: left.names) != nil) == !shared.isEmpty, "seed \(seed): \(left) \(right)")
    }
  }
}
