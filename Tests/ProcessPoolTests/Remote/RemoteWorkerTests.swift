import Glibc
import Multiprocessing
import POSIXKit
import TestSupport
import Testing

/// Workers that a launcher starts elsewhere.
@Suite(.serialized) struct RemoteWorkerTests {
  private static let expected = ["328350", "101", "died: task 1", "timeout", "[25, 36]"]

  @Test func aLauncherStartsWorkers() throws {
    let lines = try FixtureRun.complete("launch", .spawn) { folder in
      "127.0.0.1 " + folder.script("#!/bin/sh\nexec \"$@\"\n")
    }
    #expect(Array(lines.prefix(5)) == Self.expected)
    #expect(lines.count == 6, "\(lines)")
  }

  @Test(.enabled(if: TestNetwork.isPermitted, "making a network namespace is not permitted to this user"))
  func workersInANetworkOfTheirOwnConnectBack() throws {
    let network = try TestNetwork()
    let lines = try FixtureRun.complete("launch", .spawn) { _ in
      "\(network.address) \(network.prefix.joined(separator: " "))"
    }
    #expect(Array(lines.prefix(5)) == Self.expected)
    #expect(lines.last == #"interface: ["\#(network.farName)"]"#)
  }

  @Test func aPeerWithoutTheKeyGetsNothingAndDeliversNothing() throws {
    let lines = try FixtureRun.complete("intruder", .spawn) { folder in
      "127.0.0.1 " + folder.script("#!/bin/sh\nexec \"$@\"\n")
    }
    #expect(lines == ["refused: true", "true", "stolen: 0"])
  }

  @Test func launchedWorkersEndWithTheirPool() throws {
    // A launcher that stays between the pool and its worker, as ssh does.
    let run = try FixtureRun("launch-and-wait", .spawn) { folder in
      "127.0.0.1 " + folder.script("#!/bin/sh\nsetsid \"$@\" <&0\n")
    }
    let pids = try run.workers()
    #expect(!pids.isEmpty && pids.allSatisfy { kill($0, 0) == 0 })
    try run.kill(andAwait: pids)
  }

  @Test func aLauncherThatFailsEndsThePoolWithItsWords() throws {
    let lines = try FixtureRun.complete("lost-launcher", .spawn) { folder in
      "127.0.0.1 " + folder.script("#!/bin/sh\necho no route to host >&2\nexit 255\n")
    }
    #expect(lines.joined().contains("exit 255") && lines.joined().contains("no route to host"), "\(lines)")
  }
}

/// Two networks with one link between them: this one, and one of workers.
final class TestNetwork {
  private let name: String
  let address: String
  let farName: String

  static var isPermitted: Bool { geteuid() == 0 && run(["ip", "netns", "list"]) }

  var prefix: [String] { ["ip", "netns", "exec", name] }

  init() throws {
    let number = Int(getpid()) % 60_000
    name = "pool-\(number)"
    farName = "pf\(number)"
    let subnet = "10.\(200 + number % 50).\(number / 256 % 256)"
    address = "\(subnet).1"
    let near = "pn\(number)"
    for words in [
      ["netns", "add", name], ["link", "add", near, "type", "veth", "peer", "name", farName],
      ["link", "set", farName, "netns", name], ["addr", "add", "\(address)/24", "dev", near],
      ["link", "set", near, "up"], ["-n", name, "addr", "add", "\(subnet).2/24", "dev", farName],
      ["-n", name, "link", "set", farName, "up"],
    ] { try #require(Self.run(["ip"] + words), "ip \(words.joined(separator: " "))") }
  }

  // The link goes with the namespace that one of its ends is in.
  deinit { _ = Self.run(["ip", "netns", "delete", name]) }

  private static func run(_ words: [String]) -> Bool {
    guard
      let pid = try? ProgramStart.spawn(
        "/usr/bin/env", arguments: ["env"] + words, descriptors: [-1, -1, -1])
    else { return false }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return status == 0
  }
}
