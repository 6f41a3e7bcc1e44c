import Records
import Worker

/// Turns what tapped workers send into the lines that are shown.
package struct TapLines: ~Copyable {
  /// The slot that is looked at; nil for all of the stage.
  private let slot: String?
  private let filter: TapFilter?
  private let wrapsInJSON: Bool
  private let limit: UInt64?
  private var quoted = BatchBuffer(headroom: 0, capacity: 1024)

  /// Records that became lines.
  package private(set) var shown: UInt64 = 0
  /// Records that the workers counted instead of sending them.
  package private(set) var dropped: UInt64 = 0
  package private(set) var tooLong: UInt64 = 0

  package init(slot: String? = nil, filter: TapFilter? = nil, wrapsInJSON: Bool = false, limit: UInt64? = nil)
  {
    self.slot = slot
    self.filter = filter
    self.wrapsInJSON = wrapsInJSON
    self.limit = limit
  }

  /// Whether as many records as were wanted have been shown.
  package var isFull: Bool { limit.map { shown >= $0 } ?? false }

  /// For how many records the filter failed, and how at first; nil for none.
  package var filterFailure: String? {
    guard let filter, let first = filter.firstFailure else { return nil }
    return
      "the filter failed for \(RunSummary.count(Int(clamping: filter.failures), "record")), first with: \(first)"
  }

  /// Appends the lines for a datagram. Throws for one that no worker of this version sends.
  package mutating func take(
    _ datagram: UnsafeRawBufferPointer, into output: inout BatchBuffer
  ) throws(TapDatagram.Problem) {
    let (head, start) = try TapDatagram.decode(datagram)
    if let slot, head.slot != slot { return }
    dropped += head.dropped
    tooLong += head.tooLong
    let records = UnsafeRawBufferPointer(rebasing: datagram[start...])
    var reader = LineReader(records, skipsBlanks: true)
    while !isFull, let range = reader.next() { show(records.bytes(range), head.slot, into: &output) }
  }

  /// A record that says it is JSON and is none becomes a string.
  private mutating func show(
    _ record: UnsafeRawBufferPointer, _ slot: String, into output: inout BatchBuffer
  ) {
    var text = record
    quoted.removeAll()
    if UTF8.firstInvalid(in: record) != nil || JSONValidator.firstError(in: record) != nil {
      JSONString.append(String(decoding: record, as: UTF8.self), into: &quoted)
      quoted.withPayload { text = $0 }
    }
    if let filter, !filter.keeps(text) { return }
    shown += 1
    guard wrapsInJSON else {
      output.append(text)
      output.append(0x0A)
      return
    }
    output.append("{\"schema\":\"procession.tap/1\",\"slot\":")
    JSONString.append(slot, into: &output)
    output.append(",\"record\":")
    output.append(text)
    output.append("}\n")
  }
}
