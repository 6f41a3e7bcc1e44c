/// Tasks that were submitted together: what they are sent as, and where their results go. For one thread.
class PoolJob {
  let id: UInt64
  /// The function's name.
  let function: [UInt8]
  /// Its tasks have a time limit.
  var isTimed = false
  /// All its tasks have ended.
  var isDone: Bool { false }

  init(id: UInt64, function: String) {
    self.id = id
    self.function = Array(function.utf8)
  }

  /// Appends the arguments of some tasks. Returns their form.
  func encode(_ range: Range<Int>, into builder: inout MessageBuilder) -> UInt32 { PoolMessage.Form.each }

  /// Takes what came of some tasks, in the form it stands in.
  func take(_ range: Range<Int>, form: UInt32, _ reader: inout MessageReader) {}

  /// A task has come to nothing.
  func fail(_ index: Int, _ error: any Error) {}

  /// All that have not ended have come to nothing.
  func failRest(_ error: any Error) {}

  /// Called once after the job is done, outside of the loop's own work: the user's functions may run here.
  func completed() {}
}
