/// Keeps all results until the last is there: `map`, `apply`, `submit`.
///
/// Results are kept as they come, in runs: what is done for each single one is done by types that are known here.
final class CollectingJob<Output>: FunctionJob<Output> {
  private let count: Int
  private var runs: [(first: Int, values: [Output])] = []
  private var open: OpenPlaces
  /// That of the first task that failed, by its place.
  private var firstError: (index: Int, error: any Error)?
  private var whole: [Output]?
  /// Told when the last is there.
  var whenDone: (() -> Void)?

  init(
    id: UInt64, function: String, count: Int, _ encoding: @escaping Encoding, _ decoding: Decoding
  ) {
    self.count = count
    open = OpenPlaces(count: count)
    super.init(id: id, function: function, encoding, decoding)
  }

  override var isDone: Bool { open.isEmpty }

  /// All results in order. Throws the error of the first task that failed.
  func outcome() throws -> [Output] {
    if let firstError { throw firstError.error }
    if let whole { return whole }
    var all: [Output] = []
    if runs.count == 1 {
      all = runs[0].values
    } else {
      all.reserveCapacity(count)
      for run in runs.sorted(by: { $0.first < $1.first }) { all.append(contentsOf: run.values) }
    }
    runs = []
    whole = all
    return all
  }

  var isSuccessful: Bool { firstError == nil }

  override func end(_ range: Range<Int>, _ results: [Output]) {
    if open.remove(range) { runs.append((range.lowerBound, results)) }
  }

  override func end(_ index: Int, _ result: Result<Output, any Error>) {
    guard open.remove(index..<(index + 1)) else { return }
    switch result {
    case .success(let value): runs.append((index, [value]))
    case .failure(let error): note(error, index)
    }
  }

  override func failRest(_ error: any Error) {
    if let first = open.first { note(error, first) }
    open.removeAll()
  }

  private func note(_ error: any Error, _ index: Int) {
    if firstError.map({ index < $0.index }) ?? true { firstError = (index, error) }
  }

  override func completed() {
    whenDone?()
    whenDone = nil
  }
}

/// Which of some tasks have not ended.
struct OpenPlaces {
  private var isOpen: [Bool]
  private(set) var count: Int

  init(count: Int) {
    isOpen = Array(repeating: true, count: count)
    self.count = count
  }

  var isEmpty: Bool { count == 0 }
  var first: Int? { isOpen.firstIndex(of: true) }

  /// False, and nothing is done, where one of them has ended.
  mutating func remove(_ range: Range<Int>) -> Bool {
    for index in range where !isOpen[index] { return false }
    for index in range { isOpen[index] = false }
    count -= range.count
    return true
  }

  mutating func removeAll() {
    for index in isOpen.indices { isOpen[index] = false }
    count = 0
  }
}
