/// Keeps all results until the last is there: `map`, `apply`, `submit`.
final class CollectingJob<Output>: FunctionJob<Output> {
  private var results: [Output?]
  private var isOpen: [Bool]
  private var open: Int
  /// That of the first task that failed, by its place.
  private var firstError: (index: Int, error: any Error)?
  /// Told when the last is there.
  var whenDone: (() -> Void)?

  init(
    id: UInt64, function: String, count: Int, _ encoding: @escaping Encoding, _ decoding: Decoding
  ) {
    results = Array(repeating: nil, count: count)
    isOpen = Array(repeating: true, count: count)
    open = count
    super.init(id: id, function: function, encoding, decoding)
  }

  override var isDone: Bool { open == 0 }

  /// All results in order. Throws the error of the first task that failed.
  func outcome() throws -> [Output] {
    if let firstError { throw firstError.error }
    return results.map { $0! }
  }

  var isSuccessful: Bool { firstError == nil }

  override func end(_ index: Int, _ result: Result<Output, any Error>) {
    guard isOpen[index] else { return }
    isOpen[index] = false
    open -= 1
    switch result {
    case .success(let value): results[index] = value
    case .failure(let error):
      if firstError.map({ index < $0.index }) ?? true { firstError = (index, error) }
    }
  }

  override func failRest(_ error: any Error) {
    for index in isOpen.indices where isOpen[index] { end(index, .failure(error)) }
  }

  override func completed() {
    whenDone?()
    whenDone = nil
  }
}
