import Multiprocessing

/// The tasks of one call: how their arguments are encoded and their results decoded. What is done with the
/// results is for the classes below.
class FunctionJob<Output>: PoolJob {
  /// What turns bytes into results.
  struct Decoding {
    var one: (UnsafeRawBufferPointer) throws -> Output
    var many: (UnsafeRawBufferPointer) throws -> [Output]
  }

  /// Appends the arguments of some tasks and returns their form.
  typealias Encoding = (Range<Int>, inout MessageBuilder) -> UInt32

  private let encoding: Encoding
  private let decoding: Decoding

  init(id: UInt64, function: String, _ encoding: @escaping Encoding, _ decoding: Decoding) {
    self.encoding = encoding
    self.decoding = decoding
    super.init(id: id, function: function)
  }

  /// A task has its result.
  func end(_ index: Int, _ result: Result<Output, any Error>) {}

  /// Tasks that follow each other have theirs.
  func end(_ range: Range<Int>, _ results: [Output]) {
    for (index, result) in zip(range, results) { end(index, .success(result)) }
  }

  override func encode(_ range: Range<Int>, into builder: inout MessageBuilder) -> UInt32 {
    encoding(range, &builder)
  }

  override func take(_ range: Range<Int>, form: UInt32, _ reader: inout MessageReader) {
    switch form {
    case PoolMessage.Form.array:
      guard let bytes = reader.field() else { return failMissing(range) }
      let results: [Output]
      do { results = try decoding.many(bytes) } catch {
        for index in range { end(index, .failure(error)) }
        return
      }
      if results.count == range.count { end(range, results) } else { failMissing(range) }
    case PoolMessage.Form.bytes:
      // Only functions that return bytes answer in this form.
      guard let bytes = reader.field(), Output.self == [UInt8].self, range.count == 1 else {
        return failMissing(range)
      }
      end(range.lowerBound, .success(unsafeBitCast(Array(bytes), to: Output.self)))
    default:
      for index in range {
        guard let outcome = reader.outcome() else { return failMissing(index..<range.upperBound) }
        if outcome.isFailure {
          end(index, .failure(RemoteFailure.error(from: outcome.bytes, worker: "")))
        } else {
          end(index, Result { try decoding.one(outcome.bytes) })
        }
      }
    }
  }

  /// What came is not what a worker sends: nobody is left waiting for all that.
  private func failMissing(_ range: Range<Int>) {
    for index in range {
      end(
        index,
        .failure(RemoteError(typeName: "DecodingError", text: "the result is missing", worker: "")))
    }
  }

  override func fail(_ index: Int, _ error: any Error) { end(index, .failure(error)) }
}
