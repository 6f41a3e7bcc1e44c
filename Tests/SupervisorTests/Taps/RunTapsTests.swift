import Control
import Coordination
import Delivery
import Supervisor
import Testing

struct RunTapsTests {
  private static let stages: [(name: String, role: Topology.Role)] = [
    ("read", .source), ("clean", .step), ("write", .sink), ("dead-letters", .deadLetters),
  ]

  private static func begin(
    _ taps: inout RunTaps, _ stage: String, isInput: Bool = false, sample: UInt64 = 1,
    path: String = "/run/p/tap-1"
  ) -> String? {
    taps.begin(
      TapRequest(stage: stage, isInput: isInput, sample: sample, path: path), stages: stages,
      socketFolder: "/run/p")
  }

  @Test func `workers of the stage are told, and told of the end`() {
    var taps = RunTaps()
    #expect(Self.begin(&taps, "clean", sample: 3) == nil)
    let order = TapOrder(isInput: false, sample: 3, path: "/run/p/tap-1")
    #expect(taps.orders(ofStage: 1) == [.tap(order)])
    #expect(taps.orders(ofStage: 0) == [] && taps.orders(ofStage: 2) == [])
    #expect(taps.end("/run/p/tap-2") == nil)
    #expect(taps.end("/run/p/tap-1") == 1)
    #expect(taps.orders(ofStage: 1) == [] && taps.end("/run/p/tap-1") == nil)
  }

  @Test(arguments: [
    ("read", true, "look at what goes out"), ("write", false, "look at what comes in"),
    ("dead-letters", false, "look at what comes in"),
    ("none", false, "there are read, clean, write, dead-letters"),
  ])
  func `a side that a stage has not is refused`(stage: String, isInput: Bool, why: String) {
    var taps = RunTaps()
    #expect(Self.begin(&taps, stage, isInput: isInput)?.contains(why) == true)
  }

  @Test(arguments: ["read", "clean"]) func `what goes out can be looked at`(stage: String) {
    var taps = RunTaps()
    #expect(Self.begin(&taps, stage) == nil)
  }

  @Test(arguments: ["clean", "write", "dead-letters"]) func `what comes in can be looked at`(stage: String) {
    var taps = RunTaps()
    #expect(Self.begin(&taps, stage, isInput: true) == nil)
  }

  @Test(arguments: ["/tmp/tap-1", "/run/p/tap-1/../../x", "/run/p/control", "/run/p/1.0.1", "tap-1", ""])
  func `workers are pointed nowhere else`(path: String) {
    var taps = RunTaps()
    #expect(Self.begin(&taps, "clean", path: path)?.contains("is to be bound in /run/p") == true)
  }

  @Test func `there is an end to how many look`() {
    var taps = RunTaps()
    for number in 0..<RunTaps.most {
      #expect(Self.begin(&taps, "clean", path: "/run/p/tap-\(number)") == nil)
    }
    #expect(Self.begin(&taps, "clean", path: "/run/p/tap-x")?.contains("which is the most") == true)
    #expect(Self.begin(&taps, "clean", path: "/run/p/tap-0")?.contains("served already") == true)
    #expect(taps.end("/run/p/tap-0") == 1)
    #expect(Self.begin(&taps, "clean", path: "/run/p/tap-x") == nil)
  }
}
