import Glibc
import POSIXKit
import TestSupport
import Testing

extension EndToEnd {
  /// `top` on a terminal: what it takes it gives back, however it ends.
  @Suite struct TopScreenTests {
    private static let enter = "\u{1B}[?1049h"
    private static let leave = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    enum Ending: String, CaseIterable { case key, interrupt, terminate, hangUp, endOfRun }

    @Test(arguments: Ending.allCases)
    func `the terminal is as it was`(ending: Ending) throws {
      let watched = try WatchedRun()
      let top = try TerminalRun(watched.workspace, ["top", "p.yaml", "--interval", "50ms"])
      try top.waitFor("bottleneck: the input: read waits for more")
      #expect(top.text().contains(Self.enter) && !top.text().contains(Self.leave))
      #expect(top.settingsNow != top.settings)
      var status: Int32 = 0
      switch ending {
      case .key: top.type("xq")
      // As Ctrl-C comes from the terminal itself.
      case .interrupt: top.type("\u{3}")
      case .terminate:
        try top.signal(SIGTERM)
        status = -SIGTERM
      case .hangUp:
        try top.signal(SIGHUP)
        status = -SIGHUP
      case .endOfRun: #expect(try watched.followed.drain().status == 0)
      }
      #expect(try top.wait() == status, "\(top.text())")
      #expect(top.text().contains(Self.leave))
      #expect(top.settingsNow == top.settings)
      if ending == .endOfRun {
        #expect(top.text().contains("the run has ended: drained"))
      } else {
        #expect(try watched.followed.drain().status == 0)
      }
    }

    @Test func `it fits whatever size the terminal gets`() throws {
      let watched = try WatchedRun()
      let top = try TerminalRun(watched.workspace, ["top", "p.yaml", "--interval", "10s"], width: 200)
      try top.waitFor("dead-letters.0")
      let before = top.text().count
      top.resize(width: 30, height: 5)
      // Drawn again at once, though the next reading is far away.
      try Waiting.until("a smaller view") { top.text().dropFirst(before).contains("q quits") }
      let drawn = top.text().dropFirst(before).replacing("\u{1B}[K", with: "").replacing("\u{1B}[J", with: "")
      let lines = drawn.replacing("\u{1B}[H", with: "").split(
        separator: "\r\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 5 && lines.allSatisfy { $0.count <= 30 }, "\(lines)")
      top.type("q")
      #expect(try top.wait() == 0)
      #expect(try watched.followed.drain().status == 0)
    }
  }
}
