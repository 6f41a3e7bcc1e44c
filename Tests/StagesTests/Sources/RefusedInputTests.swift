import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// What a source does with records that are no text, or no JSON.
struct RefusedInputTests {
  private let folder = TemporaryFolder()

  private func cuts(
    _ names: [String], _ format: FileFormat, _ errors: inout RecordErrors, slot: Int = 0, of slots: Int = 1
  ) throws -> [Cut] {
    let source = try makeSource(folder.plan(names, format), slot: slot, of: slots, folder: "")
    var cuts: [Cut] = []
    var mark = InputMark()
    while let cut = try Cutting.one(source, at: mark, &errors) {
      cuts.append(cut)
      mark = cut.end
    }
    return cuts
  }

  private func letters() -> RecordErrors { RecordErrors(policy: .deadLetter, worker: "read.0") }

  /// The input lines of a batch's records, by its table or by counting.
  private func lines(_ batch: OwnedBatch) throws -> [Int] {
    if batch.lineTable.isEmpty { return try batch.records().map(\.line) }
    return batch.lineTable.withUnsafeBytes { bytes in
      var reader = LineTableReader(bytes)
      var lines: [Int] = []
      while let line = reader.next() { lines.append(Int(batch.provenance.line) + line) }
      return lines
    }
  }

  @Test func `lines that are no text are refused, and the rest keeps its lines`() throws {
    folder.write("in", Array("one\n\u{0}\n\ntw".utf8) + [0xFF] + Array("o\nthree".utf8))
    var errors = letters()
    let cut = try #require(try cuts(["in"], .lines, &errors).first)
    #expect(cut.batch.text == "one\n\nthree\n" && cut.taken == 5 && cut.batch.recordCount == 3)
    #expect(try lines(cut.batch) == [1, 3, 5])
    let found = errors.takeLetters()
    #expect(found.map(\.record) == [1, 3] && found.map(\.line) == [2, 4])
    #expect(found[0].cause == .error("a NUL byte; the input must be text in UTF-8"))
    #expect(found[1].cause == .error("byte 0xff is not UTF-8; convert the input to UTF-8"))
    #expect(found[1].bytes == Array("tw".utf8) + [0xFF] + Array("o".utf8))
  }

  @Test func `JSON that does not parse is refused`() throws {
    folder.write("in", "\n{}\n{\"a\":}\n\n[1]\n")
    var errors = letters()
    let cut = try #require(try cuts(["in"], .jsonLines, &errors).first)
    #expect(cut.batch.text == "{}\n[1]\n" && cut.taken == 3)
    #expect(try lines(cut.batch) == [2, 5])
    let found = errors.takeLetters()
    #expect(found.map(\.record) == [1] && found.map(\.line) == [3])
  }

  @Test func `rows with a NUL or without UTF-8 are refused, and an open quote takes the rest`() throws {
    let text = "a,b\n1,\"x\ny\"\n2,\u{0}\n3,z\n4\n5,\""
    folder.write("in", Array(text.utf8) + [0xC3, 0x28] + Array("\"\n6,\"open\n7,y\n".utf8))
    var errors = letters()
    let cut = try #require(try cuts(["in"], .csv(CSVOptions()), &errors).first)
    // A ragged row is for whoever reads it.
    #expect(cut.batch.text == "1,\"x\ny\"\n3,z\n4\n" && cut.taken == 6 && cut.batch.recordCount == 3)
    #expect(try lines(cut.batch) == [2, 5, 6])
    let found = errors.takeLetters()
    #expect(found.map(\.record) == [1, 4, 5] && found.map(\.line) == [4, 7, 8])
    #expect(found[2].bytes.starts(with: Array("6,\"open\n7,y".utf8)))
  }

  @Test func `a batch of nothing but refused records is still a batch`() throws {
    folder.write("in", "x\ny\n")
    var dropping = RecordErrors(policy: .drop, worker: "read.0")
    let cut = try #require(try cuts(["in"], .jsonLines, &dropping).first)
    #expect(cut.taken == 2 && cut.batch.recordCount == 0 && cut.batch.text.isEmpty && dropping.dropped == 2)
  }

  @Test func `damage in a csv file never stops it, and is cut the same again`() throws {
    for seed in 0..<80 {
      var random = SeededRandom(UInt64(seed))
      var bytes = Array("a,b\n".utf8)
      let tokens: [[UInt8]] = [
        Array(",".utf8), Array("\"".utf8), [10], [13, 10], [0], [0xFF], Array("text".utf8), Array("é".utf8),
        Array("\"q\",".utf8),
      ]
      let size = seed % 4 == 0 ? 300_000 : random.below(300)
      while bytes.count < size { bytes += random.pick(tokens) }
      folder.write("in", bytes)
      let format = FileFormat.csv(CSVOptions())
      var errors = letters()
      let first = try cuts(["in"], format, &errors)
      let found = errors.takeLetters()
      let taken = first.reduce(0) { $0 + $1.taken }
      let travelling = first.reduce(0) { $0 + $1.batch.recordCount }
      #expect(taken == travelling + found.count, "seed \(seed)")
      for cut in first {
        #expect(!cut.batch.text.utf8.contains(0), "seed \(seed)")
        let lines = try self.lines(cut.batch, tolerant: true)
        #expect(lines == cut.batch.recordCount, "seed \(seed)")
      }
      #expect(try cuts(["in"], format, &errors) == first, "seed \(seed)")
    }
  }

  /// Rows of a batch, ragged ones included.
  private func lines(_ batch: OwnedBatch, tolerant: Bool) throws -> Int {
    try batch.withView { view in
      var reader = CSVRowReader(schema: try CSVSchema(decoding: view.schema))
      reader.start(view.payload)
      var count = 0
      while true {
        do {
          guard try reader.next() else { return count }
        } catch let error as RecordError {
          switch error.fault {
          case .nulByte, .unterminatedQuote: Issue.record("\(error)")
          default: break
          }
        }
        count += 1
      }
    }
  }

  @Test func `workers share the files of a list`() throws {
    let names = (0..<5).map(String.init)
    for name in names { folder.write(name, "a\n\(name)\n\(name)\n") }
    let format = FileFormat.csv(CSVOptions())
    var seen: [Int: String] = [:]
    for slot in 0..<3 {
      var errors = letters()
      let source = try makeSource(folder.plan(names, format), slot: slot, of: 3, folder: "")
      let cuts = try cuts(names, format, &errors, slot: slot, of: 3)
      #expect(cuts.map { Int($0.batch.provenance.file) } == Array(stride(from: slot, to: 5, by: 3)))
      for cut in cuts { seen[Int(cut.batch.provenance.file)] = cut.batch.text }
      #expect(source.totalBytes == UInt64(cuts.count * 6))
      for (index, cut) in cuts.enumerated() {
        #expect(source.bytes(before: cut.end) == UInt64((index + 1) * 6))
        #expect(try Cutting.one(source, at: cut.start, &errors) == cut)
      }
    }
    #expect(seen == Dictionary(uniqueKeysWithValues: (0..<5).map { ($0, "\($0)\n\($0)\n") }))
  }

  @Test func `every worker compares headers with the first file's`() throws {
    folder.write("0", "a,b\n1,2\n")
    folder.write("1", "b,a\n1,2\n")
    var errors = letters()
    #expect(
      failure { _ = try cuts(["0", "1"], .csv(CSVOptions()), &errors, slot: 1, of: 2) }?.hasPrefix(
        "1:1: error: the columns differ from those of 0") == true)
  }
}
