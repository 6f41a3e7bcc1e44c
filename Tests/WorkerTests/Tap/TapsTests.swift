import Coordination
import Glibc
import POSIXKit
import Records
import TestSupport
import Testing
import Worker

struct TapsTests {
  private let folder = TemporaryFolder()
  private var path: String { folder.file("reader") }

  /// What a reader has got: the heads, and the records of all of them.
  private func received(_ socket: borrowing DatagramSocket) throws -> (
    heads: [TapDatagram], records: [String]
  ) {
    var heads: [TapDatagram] = []
    var records: [String] = []
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
    defer { space.deallocate() }
    while let count = try socket.receive(into: space) {
      #expect(count <= TapDatagram.mostBytes)
      let bytes = UnsafeRawBufferPointer(rebasing: space[..<count])
      let (head, start) = try TapDatagram.decode(bytes)
      heads.append(head)
      records += String(decoding: bytes[start...], as: UTF8.self).split(separator: "\n").map(String.init)
    }
    return (heads, records)
  }

  private func withBatch(
    _ text: String, _ format: RecordFormat, schema: CSVSchema? = nil, _ body: (BatchView) -> Void
  ) {
    var buffer = BatchBuffer(capacity: text.utf8.count)
    buffer.append(contentsOf: text)
    let encoded = schema?.encode() ?? []
    let count = text.split(separator: "\n").count
    encoded.withUnsafeBytes { schema in
      buffer.withPayload { payload in
        body(
          BatchView(
            format: format, framing: format == .csv ? .csv : .newline, recordCount: count, schema: schema,
            payload: payload, provenance: Provenance(file: 0, offset: 0, line: 1), originStage: 0,
            lineTable: UnsafeRawBufferPointer(start: nil, count: 0)))
      }
    }
  }

  @Test func `lines come as strings, from the side that was asked for`() throws {
    let reader = try DatagramSocket.bind(path)
    let taps = Taps(slot: "clean.1")
    #expect(taps.start(TapOrder(isInput: false, sample: 1, path: path)) == nil)
    withBatch("in\n", .line) { taps.input($0) }
    withBatch("say \"hi\"\n\tthere\n", .line) { taps.output($0) }
    let (heads, records) = try received(reader)
    #expect(heads == [TapDatagram(slot: "clean.1", dropped: 0, tooLong: 0, count: 2)])
    #expect(records == ["\"say \\\"hi\\\"\"", "\"\\tthere\""])
  }

  @Test func `rows come as objects, and a row that is none as a string`() throws {
    let reader = try DatagramSocket.bind(path)
    let taps = Taps(slot: "clean.0")
    #expect(taps.start(TapOrder(isInput: true, sample: 1, path: path)) == nil)
    let schema = try CSVSchema(columns: ["a", "b"], nulls: ["NA"])
    withBatch("1,x\n2\n3,NA\n", .csv, schema: schema) { taps.input($0) }
    #expect(try received(reader).records == ["{\"a\":1,\"b\":\"x\"}", "\"2\"", "{\"a\":3,\"b\":null}"])
  }

  @Test func `one in three is sent, across batches`() throws {
    let reader = try DatagramSocket.bind(path)
    let taps = Taps(slot: "s.0")
    #expect(taps.start(TapOrder(isInput: false, sample: 3, path: path)) == nil)
    withBatch("0\n1\n2\n3\n", .json) { taps.output($0) }
    withBatch("4\n", .json) { taps.output($0) }
    withBatch("5\n6\n7\n8\n9\n", .json) { taps.output($0) }
    #expect(try received(reader).records == ["0", "3", "6", "9"])
  }

  @Test func `a reader that does not read costs records, which are counted`() throws {
    let reader = try DatagramSocket.bind(path)
    let taps = Taps(slot: "s.0")
    #expect(taps.start(TapOrder(isInput: false, sample: 1, path: path)) == nil)
    let text = String(repeating: "\"\(String(repeating: "x", count: 997))\"\n", count: 100)
    for _ in 0..<200 { withBatch(text, .json) { taps.output($0) } }
    var (heads, records) = try received(reader)
    #expect(records.count < 20_000)
    taps.tellDropped()
    let (last, none) = try received(reader)
    #expect(none.isEmpty)
    heads += last
    #expect(heads.reduce(0) { $0 + Int($1.count) } == records.count)
    #expect(heads.reduce(0) { $0 + $1.dropped } + UInt64(records.count) == 20_000)
    taps.tellDropped()
    #expect(try received(reader).heads.isEmpty)
  }

  @Test func `a record that fits in no datagram is counted, and those around it come`() throws {
    let reader = try DatagramSocket.bind(path)
    let taps = Taps(slot: "s.0")
    #expect(taps.start(TapOrder(isInput: false, sample: 1, path: path)) == nil)
    let long = String(repeating: "9", count: TapDatagram.mostBytes)
    withBatch("1\n\(long)\n2\n", .json) { taps.output($0) }
    let (heads, records) = try received(reader)
    #expect(records == ["1", "2"])
    #expect(heads.map(\.tooLong) == [1])
    #expect(heads.map(\.dropped) == [0])
  }

  @Test func `nobody there is no problem, and a reader that went is forgotten`() throws {
    let taps = Taps(slot: "s.0")
    #expect(taps.start(TapOrder(isInput: false, sample: 1, path: path)) == nil)
    withBatch("1\n", .json) { taps.output($0) }
    do {
      let reader = try DatagramSocket.bind(path)
      #expect(taps.start(TapOrder(isInput: false, sample: 1, path: path)) == nil)
      withBatch("2\n", .json) { taps.output($0) }
      #expect(try received(reader).records == ["2"])
    }
    withBatch("3\n", .json) { taps.output($0) }
    unlink(path)
    let reader = try DatagramSocket.bind(path)
    withBatch("4\n", .json) { taps.output($0) }
    #expect(try received(reader).heads.isEmpty)
  }

  @Test func `told twice it sends once, and told to end no more`() throws {
    let reader = try DatagramSocket.bind(path)
    let taps = Taps(slot: "s.0")
    let order = TapOrder(isInput: false, sample: 1, path: path)
    #expect(taps.start(order) == nil)
    #expect(taps.start(order) == nil)
    withBatch("1\n", .json) { taps.output($0) }
    taps.end(path)
    withBatch("2\n", .json) { taps.output($0) }
    #expect(try received(reader).records == ["1"])
  }

  @Test func `a path that is too long is told`() throws {
    let taps = Taps(slot: "s.0")
    let path = "/tmp/" + String(repeating: "x", count: 200)
    let problem = taps.start(TapOrder(isInput: false, sample: 1, path: path))
    #expect(problem?.contains("a tap gets nothing") == true)
  }
}
