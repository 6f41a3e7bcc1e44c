import Records

/// What several parts of a chain made of one batch: which of its records each output record came from, and
/// which were refused on the way.
struct PartsRun {
  struct Refused {
    /// Index of the record in the batch that the chain was given.
    var owner: Int
    var part: Int
    var letter: Letter
  }

  /// By owner, ascending; the first refusal of each.
  private(set) var refused: [Refused] = []
  /// Of each record that the last part made, the record of the batch.
  private var owners: [UInt32]?

  /// A part's refusals, whose records are indices into the part's own input.
  mutating func add(_ letters: [Letter], part: Int) {
    if letters.isEmpty { return }
    for letter in letters {
      let owner = owners.map { Int($0[Int(letter.record)]) } ?? Int(letter.record)
      if refused.contains(where: { $0.owner == owner }) { continue }
      refused.append(Refused(owner: owner, part: part, letter: letter))
    }
    refused.sort { $0.owner < $1.owner }
  }

  /// A part's output came from these records of its own input.
  mutating func compose(_ next: [UInt32]) {
    guard let owners else {
      self.owners = next
      return
    }
    self.owners = next.map { owners[Int($0)] }
  }

  /// How many records of the batch led to output.
  var distinctOwners: Int {
    var count = 0
    var last: UInt32?
    for owner in owners ?? [] where owner != last {
      count += 1
      last = owner
    }
    return count
  }

  /// Takes out of the output what came from refused records: a record is delivered whole or not at all.
  mutating func removeRefused(
    from buffer: inout BatchBuffer, output: inout ChainOutput, lines: inout LineTableBuilder, headroom: Int,
    _ batch: BatchView
  ) throws(StageFailure) {
    guard let owners else { return }
    let gone = Set(refused.map { UInt32($0.owner) })
    guard owners.contains(where: gone.contains) else { return }
    var kept = BatchBuffer(headroom: headroom + output.schema.count, capacity: buffer.count)
    var keptLines = LineTableBuilder()
    var keptOwners: [UInt32] = []
    let base = batch.provenance.line
    try output.schema.withUnsafeBufferPointer { (schema) throws(StageFailure) in
      try lines.withBytes { (table) throws(StageFailure) in
        try buffer.withPayload { (payload) throws(StageFailure) in
          let view = BatchView(
            format: output.format, framing: output.framing, recordCount: output.recordCount,
            schema: UnsafeRawBufferPointer(schema),
            payload: payload, provenance: batch.provenance, originStage: batch.originStage, lineTable: table)
          try SingleRecords.each(of: view) { (index, one) throws(StageFailure) in
            if gone.contains(owners[index]) { return }
            kept.append(one.payload)
            keptLines.append(line: Int(one.provenance.line - base))
            keptOwners.append(owners[index])
          }
        }
      }
    }
    swap(&buffer, &kept)
    swap(&lines, &keptLines)
    output.recordCount = keptOwners.count
    self.owners = keptOwners
  }
}
