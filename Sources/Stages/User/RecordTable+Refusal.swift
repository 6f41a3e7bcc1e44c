import Records

extension RecordTable {
  /// Refuses the record at a position of the table. `step` counts from 1 (0: the stage as a whole); `failure`
  /// makes, of the record's line, what ends the run where that is the policy.
  package func refuse(
    _ position: Int, _ text: String, step: Int = 0, to errors: inout RecordErrors,
    failure: (_ line: UInt64) -> StageFailure
  ) throws(StageFailure) {
    let entry = entries[position]
    try errors.refuse(
      record: entry.index, line: entry.line, step: step, text: text, bytes: payload.bytes(entry.raw),
      failure: failure(entry.line))
  }
}
