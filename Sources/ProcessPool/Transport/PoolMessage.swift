import ZeroMQ

/// What a pool and its workers send each other, in single frames; the executable is the same on both sides, so
/// there is no version.
enum PoolMessage {
  /// A frame to a worker holds one or several.
  enum Order {
    /// Tasks: the handing's place in the worker's life, its ticket, the place of its first task in the job, the
    /// number of tasks, whether they have a time limit, the form of the arguments, and as fields the function's
    /// name and the arguments.
    static let run: UInt32 = 1
    /// Leave.
    static let finish: UInt32 = 2
  }

  /// Of a frame to the pool. Each goes on with the worker's slot and epoch.
  enum Report {
    /// It has an inbox and its initializer has run.
    static let ready: UInt32 = 3
    /// Sections: a ticket, the number of tasks that have ended, a form, and what came of them.
    static let results: UInt32 = 4
  }

  /// How arguments or results stand in a frame.
  enum Form {
    /// A field for each task: its length with ``failed`` where it is an error.
    static let each: UInt32 = 1
    /// One field: an array with an element for each task.
    static let array: UInt32 = 2
    /// One task, one field: the bytes themselves.
    static let bytes: UInt32 = 3
    /// The function takes nothing and returns nothing that has to be sent.
    static let nothing: UInt32 = 4
  }

  /// The bit of a field's length that says that it is an error.
  static let failed: UInt64 = 1 << 63

  static func ready(_ worker: PoolWorker) throws(ZeroMQError) -> Message {
    var builder = MessageBuilder()
    head(Report.ready, worker, &builder)
    return try builder.finish()
  }

  static func head(_ kind: UInt32, _ worker: PoolWorker, _ builder: inout MessageBuilder) {
    builder.append(kind)
    builder.append(UInt32(worker.slot))
    builder.append(worker.epoch)
  }
}

extension MessageBuilder {
  /// A field that is one task's error.
  mutating func appendFailure(_ bytes: [UInt8]) {
    append(UInt64(bytes.count) | PoolMessage.failed)
    bytes.withUnsafeBytes { append($0) }
  }
}

extension MessageReader {
  /// One task's field, and whether it is an error.
  mutating func outcome() -> (bytes: UnsafeRawBufferPointer, isFailure: Bool)? {
    guard let word = next(UInt64.self) else { return nil }
    guard let bytes = take(word & ~PoolMessage.failed) else { return nil }
    return (bytes, word & PoolMessage.failed != 0)
  }
}
