import Multiprocessing
import Testing

/// A function's way to another process and its result's or error's way back, without the process.
struct RemoteFunctionTests {
  enum Coded: Error, Codable, Equatable { case tooLarge(Int) }

  /// Holds what can't be encoded.
  struct Plain: Error, CustomStringConvertible {
    var reason: @Sendable () -> String
    var description: String { reason() }
  }

  struct Unwritable: Codable {
    init() {}
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws { throw Coded.tooLarge(9) }
  }

  private func result<each Argument, Output>(
    _ function: RemoteFunction<repeat each Argument, Output>, _ arguments: repeat each Argument
  ) throws -> Output {
    let bytes = try function.encode(repeat each arguments)
    let outcome = bytes.withUnsafeBytes {
      RemoteFunctionTable.call(function.entry, arguments: $0, worker: "worker.3")
    }
    switch outcome {
    case .value(let bytes): return try bytes.withUnsafeBytes { try function.decodeOutput($0) }
    case .failure(let bytes):
      throw bytes.withUnsafeBytes { RemoteFailure.error(from: $0, worker: "worker.3") }
    }
  }

  @Test func `arguments and results come through, in any number`() throws {
    #expect(try result(RemoteFunction("square") { (x: Int) in x * x }, 7) == 49)
    let power = RemoteFunction("power") { (base: Int, exponent: Int) in
      (0..<exponent).reduce(1) { product, _ in product * base }
    }
    #expect(try result(power, 2, 10) == 1024)
    #expect(try power(3, 4) == 81)
    let join = RemoteFunction("join") { (words: [String], between: String, count: Int?) in
      words.prefix(count ?? .max).joined(separator: between)
    }
    #expect(try result(join, ["a", "b", "c"], "-", 2) == "a-b")
    #expect(try result(RemoteFunction("five") { 5 }) == 5)
    let optional = RemoteFunction("maybe") { (x: Int) -> Int? in x > 0 ? x : nil }
    #expect(try result(optional, -1) == nil)
    try result(RemoteFunction("void") { (_: Double) in }, 0.5)
    try result(RemoteFunction("nothing") {})
  }

  @Test func `an error that is Codable arrives as it was`() throws {
    let failing = RemoteFunction("failing") { (x: Int) -> Int in throw Coded.tooLarge(x) }
    #expect(throws: Coded.tooLarge(5)) { try result(failing, 5) }
  }

  @Test func `any other error arrives with its type, its words and its worker's name`() throws {
    let failing = RemoteFunction("failing") { (x: Int) -> Int in throw Plain { "no column \(x)" } }
    let error = #expect(throws: RemoteError.self) { try result(failing, 5) }
    #expect(error?.typeName == "Plain")
    #expect(error?.text == "no column 5")
    #expect(error?.worker == "worker.3")
    #expect("\(error!)" == "Plain in process 'worker.3': no column 5")
  }

  @Test func `a result that can't be encoded and arguments that can't be decoded are errors too`() throws {
    #expect(throws: Coded.tooLarge(9)) { try result(RemoteFunction("unwritable") { Unwritable() }) }
    let square = RemoteFunction("square") { (x: Int) in x * x }
    let wrong = try ValueCoding.encode(all: "seven")
    let outcome = wrong.withUnsafeBytes {
      RemoteFunctionTable.call(square.entry, arguments: $0, worker: "w")
    }
    guard case .failure(let bytes) = outcome else { return #expect(Bool(false), "\(outcome)") }
    let error = bytes.withUnsafeBytes { RemoteFailure.error(from: $0, worker: "w") }
    #expect((error as? RemoteError)?.typeName == "DecodingError")
    #expect((error as? RemoteError)?.text.contains("begins a string, not Int") == true)
  }

  @Test func `a name that nobody listed is an error`() throws {
    #expect(!RemoteFunctionTable.isKnown("unheard of"))
    let outcome = [].withUnsafeBytes {
      RemoteFunctionTable.call(name: "unheard of", arguments: $0, worker: "w")
    }
    guard case .failure(let bytes) = outcome else { return #expect(Bool(false), "\(outcome)") }
    let error = bytes.withUnsafeBytes { RemoteFailure.error(from: $0, worker: "w") }
    #expect((error as? RemoteError)?.text.contains("'unheard of'") == true)
  }

  @Test func `a failure that is damaged on its way is described`() {
    let error = [7, 7].withUnsafeBytes { RemoteFailure.error(from: $0, worker: "w") }
    #expect((error as? RemoteError)?.worker == "w")
  }
}
