import Testing

import PipelineFile

@Suite struct ScalarTextTests {
  static let durations: [(String, UInt64)] = [
    ("50ms", 50_000_000), ("1.5s", 1_500_000_000), ("2m", 120_000_000_000), ("1h", 3_600_000_000_000),
    ("1d", 86_400_000_000_000), ("0s", 0), ("0.0000015ms", 1), ("0.25ms", 250_000),
  ]

  @Test(arguments: durations) func durationsHaveUnits(_ duration: (text: String, nanoseconds: UInt64)) throws
  {
    #expect(try DurationText.parse(duration.text) == duration.nanoseconds)
    let shown = DurationText.format(duration.nanoseconds)
    #expect(try DurationText.parse(shown) == duration.nanoseconds, "\(shown)")
  }

  static let noDurations = [
    "", "s", "5", "5 s", "-5s", "1e3s", "5S", "5us", ".5s", "5.s", "99999d", "9999999999s", "5s ",
  ]

  @Test(arguments: noDurations) func allElseIsRefused(_ text: String) {
    #expect(throws: ScalarProblem.self) { try DurationText.parse(text) }
  }

  static let sizes: [(String, UInt64)] = [
    ("512B", 512), ("64KiB", 65_536), ("1.5MiB", 1_572_864), ("2GiB", 2_147_483_648),
  ]

  @Test(arguments: sizes) func sizesHaveUnits(_ size: (text: String, bytes: UInt64)) throws {
    #expect(try SizeText.parse(size.text) == size.bytes)
  }

  static let noSizes: [(String, String)] = [
    ("64", "the size '64' has no unit; write 64B, 64KiB or 64MiB"),
    ("64MB", "'MB' is no unit of size; the units are B, KiB, MiB or GiB"),
    ("big", "'big' is no size; write a number and its unit, such as 512KiB or 64MiB"),
    ("9999999GiB", "the size '9999999GiB' is too large; the largest is 1048576GiB"),
  ]

  @Test(arguments: noSizes) func allOtherSizesAreRefused(_ size: (text: String, said: String)) {
    do throws(ScalarProblem) {
      _ = try SizeText.parse(size.text)
      Issue.record("\(size.text) was read")
    } catch {
      #expect("\(error.message); \(error.remedy)" == size.said)
    }
  }
}
