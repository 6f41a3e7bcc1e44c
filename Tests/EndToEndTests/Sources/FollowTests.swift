import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// A file that is followed while it is written, and while everything else dies.
  @Suite struct FollowTests {
    @Test func whatIsAppendedComesOutUntilItIsToldToStop() throws {
      let followed = try FollowedRun()
      followed.append(3)
      try followed.waitForOutput()
      followed.append(2)
      try followed.waitForOutput()
      let first = try followed.drain()
      #expect(first.status == 0, "\(first.errors)")
      followed.append(4)
      try followed.start()
      try followed.run.waitForErrors(containing: "going on with the run of")
      try followed.waitForOutput()
      let second = try followed.drain()
      #expect(second.status == 0, "\(second.errors)")
      expectSameBytes(followed.workspace.read("out"), followed.expected)
    }

    @Test func rotationAndTruncation() throws {
      let followed = try FollowedRun()
      followed.append(5)
      try followed.waitForOutput()
      followed.rotate(number: 1)
      followed.append(2, to: "log.1")
      try followed.waitForOutput()
      followed.append(3)
      try followed.waitForOutput()
      truncate(followed.workspace["log"], 0)
      try followed.run.waitForErrors(containing: "log was truncated; reading it from its beginning")
      followed.append(2)
      try followed.waitForOutput()
      // Nobody reads while it is renamed and gets a successor.
      let stopped = try followed.drain()
      #expect(stopped.status == 0, "\(stopped.errors)")
      followed.append(3)
      followed.rotate(number: 2)
      followed.append(3)
      try followed.start()
      try followed.waitForOutput()
      let result = try followed.drain()
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.errors.contains("lost"), "\(result.errors)")
    }

    @Test(arguments: ["log", "send", "commit", "report"].flatMap { ["before-\($0)", "after-\($0)"] })
    func theSourceDiesAtEachOfItsEffects(place: String) throws {
      let followed = try FollowedRun(faults: "read.0:\(place):1")
      followed.append(100)
      try followed.waitForOutput()
      followed.append(100)
      try followed.waitForOutput()
      let result = try followed.drain()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("read.0 was killed by SIGKILL"), "\(result.errors)")
      expectSameBytes(followed.workspace.read("out"), followed.expected, result.errors)
    }

    @Test(arguments: Seed.some(3))
    func deathsOfEverythingChangeNothing(seed: Seed) throws {
      var seed = seed
      let followed = try FollowedRun()
      var story = ["\(seed.testDescription)"]
      var kills = 0
      for turn in 1...60 {
        followed.append(Int.random(in: 1...200, using: &seed))
        try Waiting.pause(.milliseconds(Int.random(in: 0...20, using: &seed)))
        if turn % 15 == 0 {
          // The one before must be known when the next comes.
          try followed.waitForOutput("\(story)")
          story.append(turn == 45 ? "truncate" : "rotate")
          if turn == 45 {
            truncate(followed.workspace["log"], 0)
          } else {
            followed.rotate(number: turn)
          }
          continue
        }
        if turn % 13 == 0 {
          story.append("restart")
          try followed.restart()
          continue
        }
        let victim = ["read.0", "write.0", "keep.0", "keep.1"].randomElement(using: &seed)!
        if turn % 3 == 0, followed.kill(victim) {
          story.append(victim)
          kills += 1
        }
      }
      try followed.waitForOutput("\(story)")
      let result = try followed.drain()
      #expect(result.status == 0, "\(story)\n\(result.errors)")
      #expect(kills > 5, "\(story)")
      expectSameBytes(followed.workspace.read("out"), followed.expected, "\(story)\n\(result.errors)")
    }
  }
}
