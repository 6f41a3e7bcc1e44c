import Glibc
import PipelineFile
import Stages
import TestSupport
import Testing

/// A file sink whose output is a series of parts.
struct RotationTests {
  private let folder = TemporaryFolder()

  private func plan(
    size: UInt64? = nil, every: UInt64? = nil, _ format: FileFormat = .lines,
    existing: SinkPlan.Existing = .own
  ) -> SinkPlan {
    SinkPlan(
      target: .file(
        FileTarget(
          path: folder.file("out.txt"), shown: "out.txt", existing: existing,
          rotation: .init(size: size, every: every))), format: format, position: .test)
  }

  private func names() -> [String] {
    var names: [String] = []
    guard let opened = opendir(folder.path) else { return [] }
    defer { closedir(opened) }
    while let entry = readdir(opened) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix("out") { names.append(name) }
    }
    return names.sorted()
  }

  /// The parts' texts in the order of their numbers.
  private func parts() -> [String] { names().map { folder.text($0)! } }

  private func line(_ text: String) throws -> [OwnedBatch] { try folder.batches(text + "\n", .lines) }

  private func commit(_ sink: any StageSink) throws -> [UInt8] {
    let state = try sink.commit()
    try sink.committed()
    return state
  }

  @Test func `a part is closed by size at the end of a batch, and named once that is stored`() throws {
    let plan = plan(size: 8)
    let sink = try folder.sink(.lines, state: folder.prepare(plan), plan: plan)
    try sink.write(line("one"))
    try sink.write(line("two and more"))
    try sink.write(line("three"))
    #expect(!names().contains("out.000001.txt"))
    _ = try sink.commit()
    #expect(names() == ["out.000001.txt.open", "out.000002.txt.open"])
    try sink.committed()
    #expect(names() == ["out.000001.txt", "out.000002.txt.open"])
    try sink.finish()
    #expect(names() == ["out.000001.txt", "out.000002.txt"])
    #expect(parts() == ["one\ntwo and more\n", "three\n"])
    #expect(sink.summary.records == 3 && sink.summary.bytes == 23 && sink.summary.target == "out.*.txt")
  }

  @Test func `each part of a csv output has the header`() throws {
    let format = FileFormat.csv(CSVOptions())
    let plan = plan(size: 1, format)
    let sink = try folder.sink(format, state: folder.prepare(plan), plan: plan)
    for value in 1...2 { try sink.write(folder.batches("{\"a\":\(value)}\n", .jsonLines)) }
    _ = try commit(sink)
    try sink.finish()
    #expect(parts() == ["a\n1\n", "a\n2\n"])
  }

  @Test func `a part is closed when it is old enough, at a write or at the deadline`() throws {
    let plan = plan(every: 1)
    let sink = try folder.sink(.lines, state: folder.prepare(plan), plan: plan)
    #expect(sink.nextDeadline == nil)
    try sink.write(line("one"))
    #expect(sink.nextDeadline != nil)
    try sink.write(line("two"))
    _ = try commit(sink)
    #expect(names() == ["out.000001.txt", "out.000002.txt"] && sink.nextDeadline == nil)
    try sink.finish()
    #expect(parts() == ["one\n", "two\n"])
    let slow = self.plan(every: 3_600_000_000_000)
    let patient = try folder.sink(.lines, state: folder.prepare(slow), plan: slow)
    try patient.write(line("three"))
    try patient.write(line("four"))
    let state = try commit(patient)
    #expect(parts() == ["three\nfour\n"])
    _ = state
  }

  @Test func `an output without a record is one empty part`() throws {
    let plan = plan(size: 5)
    let sink = try folder.sink(.lines, state: folder.prepare(plan), plan: plan)
    _ = try commit(sink)
    try sink.finish()
    #expect(names() == ["out.000001.txt"] && parts() == [""])
  }

  /// Writes batches, and dies after some of them: at a commit whose state was stored or not, before or after the
  /// parts were named, in the middle of a part, or after the end.
  @Test(arguments: 0..<150)
  func `a death at any point changes nothing`(seed: Int) throws {
    var random = SeededRandom(UInt64(seed))
    let isCSV = random.below(2) == 0
    let format: FileFormat = isCSV ? .csv(CSVOptions()) : .jsonLines
    let plan = plan(size: UInt64(1 + random.below(30)), format)
    let batches = try (0..<12).map { try folder.batches("{\"a\":\($0)}\n", .jsonLines)[0] }
    var expected: [String] = []
    do {
      let sink = try folder.sink(format, state: folder.prepare(plan), plan: plan)
      try sink.write(batches)
      _ = try commit(sink)
      try sink.finish()
      expected = parts()
    }
    var state = try folder.prepare(plan)
    #expect(parts().isEmpty)
    var next = 0
    var stored = 0
    var sink: (any StageSink)? = try folder.sink(format, state: state, plan: plan)
    var deaths = 0
    while true {
      if next < batches.count {
        try sink!.write(CollectionOfOne(batches[next]))
        next += 1
      }
      let isLast = next == batches.count
      if isLast || random.below(2) == 0 {
        let made = try sink!.commit()
        if isLast || random.below(3) > 0 {
          state = made
          stored = next
          if isLast || random.below(3) > 0 { try sink!.committed() }
        }
      }
      if isLast { try sink!.finish() }
      if deaths < 8 && random.below(isLast ? 2 : 3) == 0 {
        deaths += 1
        sink = nil
        // Only of the last part can a dead writer have left more than it had made durable.
        if random.below(2) == 0, let last = names().last, last.hasSuffix(".open"), !isClosed(last, in: state)
        {
          folder.append(last, "a part of a write")
        }
        sink = try folder.sink(format, state: state, plan: plan)
        next = stored
        continue
      }
      if isLast { break }
    }
    #expect(parts() == expected && !names().contains { $0.hasSuffix(".open") }, "seed \(seed)")
    #expect(sink!.summary.records == 12, "seed \(seed)")
    #expect(sink!.summary.bytes == expected.reduce(0) { $0 + UInt64($1.utf8.count) }, "seed \(seed)")
  }

  /// Whether a state lists a part as closed.
  private func isClosed(_ name: String, in state: [UInt8]) -> Bool {
    guard let parts = SinkState(state)?.parts else { return false }
    return parts.closed.contains { name.contains("00000\($0.number).") || name.contains("0000\($0.number).") }
  }

  @Test func `parts are replaced if this pipeline wrote all of them, or followed`() throws {
    let own = plan(size: 1)
    for _ in 0..<2 {
      let sink = try folder.sink(.lines, state: folder.prepare(own), plan: own)
      try sink.write(line("ours"))
      try sink.write(line("too"))
      _ = try commit(sink)
      try sink.finish()
      #expect(parts() == ["ours\n", "too\n"])
    }
    folder.write("out.000009.txt", "theirs\n")
    #expect(
      failure { _ = try folder.prepare(own) }?.contains(
        "out.000009.txt exists and was not written by this pipeline") == true)
    #expect(failure { _ = try folder.prepare(plan(size: 1, existing: .refuse)) }?.contains("refuse") == true)
    #expect(parts() == ["ours\n", "too\n", "theirs\n"])
    let more = plan(size: 1, existing: .append)
    let sink = try folder.sink(.lines, state: folder.prepare(more), plan: more)
    try sink.write(line("more"))
    _ = try commit(sink)
    try sink.finish()
    #expect(names().last == "out.000010.txt" && parts().count == 4)
    _ = try folder.prepare(plan(size: 1, existing: .replace))
    #expect(parts().isEmpty)
  }

  @Test func `a closed part that somebody took away is not missed`() throws {
    let plan = plan(size: 1)
    let first = try folder.sink(.lines, state: folder.prepare(plan), plan: plan)
    try first.write(line("one"))
    let state = try commit(first)
    unlink(folder.file("out.000001.txt"))
    let second = try folder.sink(.lines, state: state, plan: plan)
    try second.write(line("two"))
    _ = try commit(second)
    #expect(names() == ["out.000002.txt"])
  }

  @Test func `workers have files of their own`() throws {
    for slot in 0..<2 {
      let plan = folder.sinkPlan(.lines)
      let state = try prepareOutput(
        plan, slot: slot, of: 2, standardOutput: 1, ownerFile: folder.file("owned"))
      let sink = try makeSink(
        plan, name: "p/write.\(slot)", slot: slot, of: 2, names: folder.names, state: state.encoded(),
        folder: "", ownerFile: folder.file("owned"),
        standardOutput: 1, intent: 0, noteIntent: { _ in })
      try sink.write(line("\(slot)"))
      _ = try sink.commit()
      let rotated = self.plan(size: 1)
      let parted = try makeSink(
        rotated, name: "p/write.\(slot)", slot: slot, of: 2, names: folder.names,
        state: prepareOutput(
          rotated, slot: slot, of: 2, standardOutput: 1, ownerFile: folder.file("owned")
        ).encoded(), folder: "", ownerFile: folder.file("owned"), standardOutput: 1, intent: 0,
        noteIntent: { _ in })
      try parted.write(line("part"))
      _ = try commit(parted)
    }
    #expect(names() == ["out.0", "out.0.000001.txt", "out.1", "out.1.000001.txt"])
  }
}
