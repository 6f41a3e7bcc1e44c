import PipelineFile
import Records
import Stages
import TestSupport
import Testing

/// What every source promises, whatever it reads.
struct SourceConformanceTests {
  private let folder = TemporaryFolder()

  private func source(_ input: SourceCase) throws -> any StageSource {
    for (index, text) in input.files.enumerated() { folder.write("\(index)", text) }
    let names = input.files.indices.map(String.init)
    if input.areLetters { return try folder.letterSource(of: folder.plan(names, input.format)) }
    return try makeSource(folder.plan(names, input.format), slot: 0, of: 1, folder: "")
  }

  @Test(arguments: SourceCase.all)
  func `all records come once, in order, with their lines`(_ input: SourceCase) throws {
    let cuts = try Cutting.all(source(input))
    var index = 0
    for cut in cuts {
      let found = try cut.batch.records()
      #expect(found.count == cut.batch.recordCount && !found.isEmpty)
      for record in found {
        try #require(index < input.records.count)
        try #require(record == input.records[index])
        index += 1
      }
    }
    #expect(index == input.records.count)
  }

  @Test(arguments: SourceCase.all)
  func `a new incarnation cuts the same batches from any mark`(_ input: SourceCase) throws {
    let cuts = try Cutting.all(source(input))
    for index in cuts.indices {
      let again = try Cutting.one(source(input), at: cuts[index].start)
      #expect(again == cuts[index], "batch \(index)")
    }
    let middle = cuts.count / 2
    #expect(try Cutting.all(source(input), from: cuts[middle].start) == Array(cuts[middle...]))
    #expect(try Cutting.one(source(input), at: cuts.last!.end) == nil)
  }

  @Test(arguments: SourceCase.all)
  func `a source can go back to a mark`(_ input: SourceCase) throws {
    let source = try source(input)
    let cuts = try Cutting.all(source)
    for cut in cuts.reversed() { #expect(try Cutting.one(source, at: cut.start) == cut) }
  }

  @Test(arguments: SourceCase.all)
  func `batches are near their size and end with a newline`(_ input: SourceCase) throws {
    let cuts = try Cutting.all(source(input))
    for (index, cut) in cuts.enumerated() {
      #expect(cut.batch.byteCount <= input.batchBytes.upperBound)
      let isLastOfFile =
        index + 1 == cuts.count || cuts[index + 1].batch.provenance.file != cut.batch.provenance.file
      if !isLastOfFile { #expect(cut.batch.byteCount > input.batchBytes.lowerBound) }
      #expect(cut.batch.text.utf8.last == 0x0A)
    }
  }

  @Test(arguments: SourceCase.all)
  func `marks say how much of the input lies before them`(_ input: SourceCase) throws {
    let source = try source(input)
    #expect(source.canRepeat)
    let total = UInt64(input.totalBytes)
    #expect(source.totalBytes == total)
    var before: UInt64 = 0
    for cut in try Cutting.all(source) {
      #expect(source.bytes(before: cut.end) > before)
      before = source.bytes(before: cut.end)
    }
    #expect(before == total)
  }
}
