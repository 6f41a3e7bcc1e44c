import Multiprocessing

/// The arguments of some tasks in an order to a worker.
enum ArgumentCoding {
  /// All together. Where one can't be encoded they go one by one, and that one's task fails.
  static func append<Argument: Encodable>(
    _ arguments: ArraySlice<Argument>, to builder: inout MessageBuilder, one: (Argument) throws -> [UInt8]
  ) -> UInt32 {
    if let bytes = try? ValueCoding.encode(all: Array(arguments)) {
      builder.appendField(bytes)
      return PoolMessage.Form.array
    }
    return append(each: arguments, to: &builder, one: one)
  }

  /// One by one.
  static func append<Argument>(
    each arguments: some Sequence<Argument>, to builder: inout MessageBuilder,
    one: (Argument) throws -> [UInt8]
  ) -> UInt32 {
    for argument in arguments {
      do { builder.appendField(try one(argument)) } catch {
        builder.appendFailure(RemoteFailure(error, worker: "the pool").encoded())
      }
    }
    return PoolMessage.Form.each
  }
}
