/// Who has one function called many times, and wants to know which call is under way.
package protocol RemoteRun: AnyObject {
  /// The name of this process, for errors.
  var worker: String { get }
  /// Before each call, `held`: how many results have not been given to `add`. True: they should be, now.
  func isDue(holding held: Int) -> Bool
  /// The call begins.
  func enter(_ index: Int)
  /// The results of the next calls, encoded together.
  func add(values: [UInt8], count: Int) throws
  /// The result of the next call, which is bytes.
  func add(bytes: UnsafeRawBufferPointer) throws
  /// The error of the next call, encoded.
  func add(failure: [UInt8]) throws
  /// What was added should be sent.
  func flush() throws
}

/// The results that a run has not been told.
struct RemoteResults<Output> {
  /// In bytes: from here on a result of bytes is not worth another copy.
  private static var large: Int { 4096 }

  private let run: any RemoteRun
  private let encode: ([Output]) throws -> [UInt8]
  private var held: [Output] = []

  init(_ run: any RemoteRun, _ encode: @escaping ([Output]) throws -> [UInt8]) {
    self.run = run
    self.encode = encode
  }

  mutating func enter(_ index: Int) throws {
    if run.isDue(holding: held.count) {
      try tell()
      try run.flush()
    }
    run.enter(index)
  }

  mutating func add(_ value: Output) throws {
    if Output.self == [UInt8].self {
      let bytes = unsafeBitCast(value, to: [UInt8].self)
      if bytes.count >= Self.large {
        try tell()
        return try bytes.withUnsafeBytes { try run.add(bytes: $0) }
      }
    }
    held.append(value)
  }

  mutating func add(failure: any Error) throws {
    try tell()
    try run.add(failure: RemoteFailure(failure, worker: run.worker).encoded())
  }

  /// Gives the run all that is held. A result that can't be encoded is an error of its call alone.
  mutating func tell() throws {
    if held.isEmpty { return }
    let values = held
    held.removeAll(keepingCapacity: true)
    if let bytes = try? encode(values) { return try run.add(values: bytes, count: values.count) }
    for value in values {
      do { try run.add(values: try encode([value]), count: 1) } catch {
        try run.add(failure: RemoteFailure(error, worker: run.worker).encoded())
      }
    }
  }
}
