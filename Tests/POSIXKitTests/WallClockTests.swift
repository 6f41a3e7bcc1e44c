import POSIXKit
import Testing

@Suite struct WallClockTests {
  @Test(
    arguments: [0, 1_000, 951_782_399_999_999_000, 1_795_401_717_123_456_000, 4_102_444_800_000_000_000]
      as [UInt64])
  func `a time is read as it was written`(time: UInt64) {
    #expect(WallClock.time(of: WallClock.text(time, precise: true)) == time)
    #expect(WallClock.time(of: WallClock.text(time)) == time / 1_000_000 * 1_000_000)
  }

  @Test func `decimals may be none, few or too many`() {
    #expect(WallClock.text(1_795_401_717_123_456_789, precise: true) == "2026-11-23T02:41:57.123456Z")
    #expect(WallClock.time(of: "2026-11-23T02:41:57Z") == 1_795_401_717_000_000_000)
    #expect(WallClock.time(of: "2026-11-23T02:41:57.5Z") == 1_795_401_717_500_000_000)
    #expect(WallClock.time(of: "2026-11-23T02:41:57.1234567899Z") == 1_795_401_717_123_456_789)
  }

  @Test(arguments: [
    "", "Z", "2026-11-23", "2026-11-23T02:41:57", "2026-11-23 02:41:57Z", "2026-11-23T02:41:57.xZ",
    "2026-11-2xT02:41:57Z", "1960-01-01T00:00:00Z",
  ])
  func `what is no time is none`(text: String) {
    #expect(WallClock.time(of: text) == nil)
  }
}
