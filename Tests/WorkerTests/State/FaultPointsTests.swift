import Glibc
import Testing
import Worker

struct FaultPointsTests {
  @Test func `a worker dies at its place, at the count that was asked for`() async {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      var points = FaultPoints(
        "read.0:before-send:1,clean.1:after-send:2", worker: "clean.1", epoch: 1)
      points.reached(.afterSend)
      points.reached(.afterSend)
    }
    await #expect(processExitsWith: .success) {
      var points = FaultPoints("clean.1:after-send:2", worker: "clean.1", epoch: 1)
      points.reached(.afterSend)
      points.reached(.beforeSend)
    }
  }

  @Test(arguments: [
    "", ",", "clean.1", "clean.1:after-send", "clean.1:after-send:x", "clean.1:after-send:0",
    "clean.1:after-send:-1", "clean.1:nowhere:1", "clean.10:after-send:1", "clean:after-send:1",
    "clean.1:after-send:1:1", "clean.1:before-send:1",
  ])
  func `what does not concern a worker does not harm it`(_ text: String) {
    var points = FaultPoints(text, worker: "clean.1", epoch: 1)
    for _ in 0..<5 { points.reached(.afterSend) }
  }

  @Test func `a replacement gets past the place`() {
    var points = FaultPoints("clean.1:after-send:1", worker: "clean.1", epoch: 2)
    points.reached(.afterSend)
  }

  @Test func `every place has the name by which it is asked for`() {
    #expect(FaultPoint.allCases.count == 16)
    for point in FaultPoint.allCases { #expect(FaultPoint(rawValue: point.rawValue) == point) }
  }
}
