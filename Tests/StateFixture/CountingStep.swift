import Glibc
import PipelineFile
import Records
import Stages

/// Steps that keep state, for the tests: what they count they count by the field `k`.
///
/// A record with `bad` is refused after it has changed state and output; one with `deadly` ends its worker.
final class CountingStep: StatefulStep {
  enum Mode: String, Sendable, CaseIterable {
    /// Nothing at once; at the end of the input, a total for each key.
    case totals
    /// Each record with how many of its key there were by then.
    case running
    /// The first record of each key.
    case distinct
    /// All of these, and a large record for each key at the end.
    case everything
  }

  private struct Bad: Error {}

  private let mode: Mode
  private let context: PartContext
  private let table: RecordTable
  private var text = BatchBuffer(headroom: 0, capacity: 256)

  init(_ mode: Mode, _ context: PartContext) {
    self.mode = mode
    self.context = context
    table = RecordTable(.json, names: context.names)
  }

  func process(
    _ batch: BatchView, state: StateStore, into output: StateOutput, errors: inout RecordErrors
  ) throws(StageFailure) {
    try table.read(batch, errors: &errors)
    for entry in table.entries {
      let outputMark = try output.mark()
      try state.mark()
      let record = table.text.bytes(entry.range)
      let fields = Fields(record)
      try count(fields, record, line: entry.line, state, output)
      if fields.isDeadly { kill(getpid(), SIGABRT) }
      if !fields.isBad { continue }
      state.takeBack()
      output.takeBack(to: outputMark)
      try errors.refuse(
        record: entry.index, line: entry.line, step: 1, text: "a bad record",
        bytes: table.payload.bytes(entry.raw),
        failure: context.failure("a bad record", step: "use \(mode)", line: entry.line, in: batch))
    }
  }

  private func count(
    _ fields: Fields, _ record: UnsafeRawBufferPointer, line: UInt64, _ state: StateStore,
    _ output: StateOutput
  ) throws(StageFailure) {
    var totals = Totals(try state.value(fields.key))
    totals.count += 1
    totals.sum += fields.number
    try totals.withBytes { (bytes) throws(StageFailure) in try state.set(fields.key, bytes) }
    if mode == .distinct && totals.count == 1 { try output.append(record, line: line) }
    guard mode == .running || mode == .everything else { return }
    try output.append(line: line) { buffer in
      buffer.append("{\"k\":")
      buffer.append(fields.key)
      buffer.append(contentsOf: ",\"n\":\(fields.number),\"count\":\(totals.count)}")
    }
  }

  func flush(state: StateStore, into output: StateOutput) throws(StageFailure) {
    guard mode == .totals || mode == .everything else { return }
    var failure: StageFailure?
    try state.each { key, value in
      let totals = value.withUnsafeBytes { Totals($0) }
      do throws(StageFailure) {
        try output.append(line: 0) { buffer in
          buffer.append("{\"k\":")
          key.withUnsafeBytes { buffer.append($0) }
          buffer.append(contentsOf: ",\"total\":\(totals.sum),\"count\":\(totals.count)")
          if mode == .everything {
            buffer.append(",\"pad\":\"")
            for _ in 0..<256 { buffer.append("0123456789abcdef") }
            buffer.append("\"")
          }
          buffer.append("}")
        }
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }
}

private struct Totals {
  var count: UInt64 = 0
  var sum: Int64 = 0

  init(_ bytes: UnsafeRawBufferPointer?) {
    guard let bytes, bytes.count == 16 else { return }
    count = bytes.loadUnaligned(as: UInt64.self)
    sum = bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self)
  }

  func withBytes<E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
    try [count, UInt64(bitPattern: sum)].withUnsafeBufferPointer { (words) throws(E) in
      try body(UnsafeRawBufferPointer(words))
    }
  }
}

/// The fields that the steps know.
private struct Fields {
  var key: UnsafeRawBufferPointer
  var number: Int64 = 1
  var isBad = false
  var isDeadly = false

  init(_ record: UnsafeRawBufferPointer) {
    key = UnsafeRawBufferPointer(rebasing: record.prefix(0))
    guard var fields = try? JSONFields(record) else { return }
    while let member = try? fields.next() {
      let name = record.bytes(member.name)
      let value = record.bytes(member.value)
      if name.elementsEqual("k".utf8) { key = value }
      if name.elementsEqual("n".utf8) { number = Int64(String(decoding: value, as: UTF8.self)) ?? 0 }
      if name.elementsEqual("bad".utf8) { isBad = true }
      if name.elementsEqual("deadly".utf8) { isDeadly = true }
    }
  }
}
