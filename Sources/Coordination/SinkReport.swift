/// What a sink wrote in a run.
package struct SinkReport: Hashable, Sendable {
  /// A path to show, or "standard output".
  package var target: String
  package var records: UInt64
  package var bytes: UInt64
  /// Whether it survives the death of the machine, not only of processes.
  package var isDurable: Bool

  package init(target: String, records: UInt64, bytes: UInt64, isDurable: Bool) {
    self.target = target
    self.records = records
    self.bytes = bytes
    self.isDurable = isDurable
  }
}

extension ByteWriter {
  mutating func write(_ report: SinkReport) {
    write(report.target)
    write(report.records)
    write(report.bytes)
    write(UInt8(report.isDurable ? 1 : 0))
  }
}

extension ByteReader {
  mutating func readSinkReport() throws(ByteCodingError) -> SinkReport {
    SinkReport(
      target: try readText(), records: try read(), bytes: try read(), isDurable: try read(UInt8.self) == 1)
  }
}
