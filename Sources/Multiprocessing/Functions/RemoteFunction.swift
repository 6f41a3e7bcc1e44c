/// A function that children may run whatever their start method, because both sides know it by its name.
///
/// ```swift
/// let square = RemoteFunction("square") { (x: Int) in x * x }
/// ```
///
/// A function can't be sent to another process, but its name can: declare it as a constant, list it in the call
/// of `bootstrap` at the top of `main`, and a child started by spawn or forkserver finds it there. Python finds
/// functions by their module and name in the same way. Under fork a function need not be listed, since the child
/// has everything that its parent has.
///
/// Arguments and result are `Codable` (or there is no result). They are copied: what the child does to a copy
/// stays in the child. Any thread may use it.
public struct RemoteFunction<each Argument: Codable & SendableMetatype, Output: SendableMetatype>:
  RemoteCallable
{
  /// By which the other process finds it. One executable has one function of a name.
  public let name: String
  let body: @Sendable (repeat each Argument) throws -> Output
  private let encodeOutput: @Sendable (Output) throws -> [UInt8]
  private let decodeOutput: @Sendable (UnsafeRawBufferPointer) throws -> Output
  let encodeOutputs: @Sendable ([Output]) throws -> [UInt8]
  private let decodeOutputs: @Sendable (UnsafeRawBufferPointer) throws -> [Output]

  /// A function with a result. Costs nothing until it is used.
  public init(
    _ name: String, _ body: @escaping @Sendable (repeat each Argument) throws -> Output
  ) where Output: Codable {
    self.name = name
    self.body = body
    encodeOutput = { try ValueCoding.encode($0) }
    decodeOutput = { try ValueCoding.decode(Output.self, from: $0) }
    encodeOutputs = { try ValueCoding.encode($0) }
    decodeOutputs = { try ValueCoding.decode([Output].self, from: $0) }
  }

  /// A function without a result.
  public init(
    _ name: String, _ body: @escaping @Sendable (repeat each Argument) throws -> Output
  ) where Output == Void {
    self.name = name
    self.body = body
    encodeOutput = { _ in try ValueCoding.encode() }
    decodeOutput = { _ = try ValueCoding.decode(from: $0) as (Void) }
    encodeOutputs = { try ValueCoding.encode($0.count) }
    decodeOutputs = { Array(repeating: (), count: max(0, try ValueCoding.decode(Int.self, from: $0))) }
  }

  /// Runs it here, in this process. Throws what its body throws.
  public func callAsFunction(_ arguments: repeat each Argument) throws -> Output {
    try body(repeat each arguments)
  }

  /// The arguments of a call, as `RemoteFunctionTable.call` takes them. Throws what their `encode(to:)` throws.
  package func encode(_ arguments: repeat each Argument) throws -> [UInt8] {
    try ValueCoding.encode(all: repeat each arguments)
  }

  /// The result of a call. Throws `DecodingError`.
  package func decodeOutput(_ bytes: UnsafeRawBufferPointer) throws -> Output { try decodeOutput(bytes) }

  /// The results of several calls, as `RemoteRun.add(values:count:)` was given them. Throws `DecodingError`.
  package func decodeOutputs(_ bytes: UnsafeRawBufferPointer) throws -> [Output] { try decodeOutputs(bytes) }

  /// The function without its types.
  public var entry: RemoteFunctionEntry {
    let (body, encodeOutput, encodeOutputs) = (body, encodeOutput, encodeOutputs)
    return RemoteFunctionEntry(
      name: name,
      describe: {
        var types: [String] = []
        for type in repeat (each Argument).self { types.append(String(reflecting: type)) }
        return "(\(types.joined(separator: ", "))) -> \(String(reflecting: Output.self))"
      },
      call: { bytes in
        let arguments = try ValueCoding.decode(all: repeat (each Argument).self, from: bytes)
        return try encodeOutput(try body(repeat each arguments))
      },
      callEach: { bytes, count, run in
        let columns = try ValueCoding.decode(all: repeat [each Argument].self, from: bytes)
        for column in repeat each columns {
          if column.count >= count { continue }
          throw RemoteError(typeName: "DecodingError", text: "arguments are missing", worker: run.worker)
        }
        var held = RemoteResults(run, encodeOutputs)
        for index in 0..<count {
          try held.enter(index)
          let value: Output
          do { value = try body(repeat (each columns)[index]) } catch {
            try held.add(failure: error)
            continue
          }
          try held.add(value)
        }
        try held.tell()
      },
      run: { bytes in
        let arguments = try ValueCoding.decode(all: repeat (each Argument).self, from: bytes)
        _ = try body(repeat each arguments)
      })
  }
}

/// Any `RemoteFunction`, whatever its types: what `bootstrap` is given.
public protocol RemoteCallable: Sendable {
  /// The function without its types.
  var entry: RemoteFunctionEntry { get }
}

/// A remote function without its types. Only for the library itself.
public struct RemoteFunctionEntry: Sendable {
  package let name: String
  /// The types, as Swift writes them. Costs microseconds.
  package var signature: String { describe() }
  private let describe: @Sendable () -> String
  /// Takes encoded arguments and returns the encoded result. Throws what the body throws, and `DecodingError`.
  package let call: @Sendable (UnsafeRawBufferPointer) throws -> [UInt8]
  /// So many calls one after the other: takes an array for each parameter, encoded together, and tells the run of
  /// each call and its result. Throws `DecodingError`, and what the run throws.
  package let callEach: @Sendable (UnsafeRawBufferPointer, Int, any RemoteRun) throws -> Void
  /// The same without the result.
  package let run: @Sendable (UnsafeRawBufferPointer) throws -> Void

  init(
    name: String, describe: @escaping @Sendable () -> String,
    call: @escaping @Sendable (UnsafeRawBufferPointer) throws -> [UInt8],
    callEach: @escaping @Sendable (UnsafeRawBufferPointer, Int, any RemoteRun) throws -> Void,
    run: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
  ) {
    self.name = name
    self.describe = describe
    self.call = call
    self.callEach = callEach
    self.run = run
  }
}
