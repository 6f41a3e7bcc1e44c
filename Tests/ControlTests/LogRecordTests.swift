import Control
import Testing

@Suite struct LogRecordTests {
  @Test func `levels are ordered by how much they matter`() {
    #expect(LogRecord.Level.debug < .info && LogRecord.Level.warning < .error)
    #expect(LogRecord.Level.allCases.sorted() == LogRecord.Level.allCases)
  }
}
