import Multiprocessing

/// A job whose arguments have not all been read.
protocol OpenStream: AnyObject {
  /// Reads as far as its tasks end, whether their results are taken or not.
  func readOn()
}

/// Reads arguments only as fast as results are taken: `imap`.
final class StreamingJob<Argument: Codable & SendableMetatype, Output: SendableMetatype>: FunctionJob<Output>,
  OpenStream
{
  private unowned let core: PoolCore
  private var input: AnyIterator<Argument>?
  private let chunk: Int
  /// The most tasks that are read and whose results are not taken.
  private let window: Int
  private let isOrdered: Bool
  /// From the first task on whose result has not been taken; nil where the task has ended.
  private let arguments: Held<Argument>
  private var results = Held<Result<Output, any Error>>()
  /// Where order does not matter: those that have ended, in the order in which they did.
  private var endedInOrder: [Result<Output, any Error>] = []
  private var nextEnded = 0
  private var readCount = 0
  private var takenCount = 0
  private var endedCount = 0
  /// Why the rest is not read.
  private var stopped: (any Error)?

  init(
    _ core: PoolCore, _ function: RemoteFunction<Argument, Output>, _ input: AnyIterator<Argument>,
    chunk: Int,
    window: Int, isOrdered: Bool
  ) {
    self.core = core
    self.input = input
    self.chunk = chunk
    self.window = window
    self.isOrdered = isOrdered
    let held = Held<Argument>()
    arguments = held
    super.init(
      id: core.newJobID(), function: function.name,
      { range, builder in
        ArgumentCoding.append(held.slice(range), to: &builder) { try function.encode($0) }
      }, function.decoding)
  }

  override var isDone: Bool { input == nil && endedCount == readCount }

  /// All results were taken, and there are no more. Throws why, where not all was read.
  func isExhausted() throws -> Bool {
    guard input == nil, takenCount == readCount else { return false }
    if let stopped { throw stopped }
    return true
  }

  /// Reads as many arguments as there is room for, once there is room for many: they then travel together.
  func read() {
    if readCount - takenCount <= window / 2 { read(ahead: { $0.takenCount }) }
  }

  func readOn() { read(ahead: { $0.endedCount }) }

  /// `count`: the tasks that no longer take room.
  private func read(ahead count: (StreamingJob) -> Int) {
    while input != nil, readCount - count(self) <= window - chunk || readCount == count(self) {
      let first = readCount
      while readCount - first < chunk {
        guard stopped == nil, let argument = input!.next() else {
          input = nil
          break
        }
        arguments.append(argument)
        results.append(nil)
        readCount += 1
      }
      let range = first..<readCount
      core.act { [id, chunk] machine, now, actions in
        machine.tasksSubmitted(id, range, chunk: chunk, now: now, &actions)
      }
      if input == nil {
        core.act { [id] machine, now, actions in machine.jobSealed(id, now: now, &actions) }
        core.noteProgress(of: self)
      }
    }
  }

  /// The next result, if it is there.
  func take() -> Result<Output, any Error>? {
    let result: Result<Output, any Error>?
    if isOrdered {
      result = results.popFirst()
    } else if nextEnded < endedInOrder.count {
      result = endedInOrder[nextEnded]
      nextEnded += 1
      if nextEnded == endedInOrder.count {
        endedInOrder.removeAll(keepingCapacity: true)
        nextEnded = 0
      }
    } else {
      result = nil
    }
    if result != nil { takenCount += 1 }
    return result
  }

  override func end(_ index: Int, _ result: Result<Output, any Error>) {
    guard arguments.remove(index) else { return }
    endedCount += 1
    if isOrdered { results.set(index, result) } else { endedInOrder.append(result) }
  }

  override func failRest(_ error: any Error) {
    if input != nil { stopped = error }
    input = nil
    for index in arguments.places { end(index, .failure(error)) }
  }
}

/// Values with running numbers, of which the first are removed sooner or later.
final class Held<Value> {
  private var values: [Value?] = []
  /// The number of the first.
  private var base = 0
  private var head = 0

  func append(_ value: Value?) { values.append(value) }

  /// All of them are there.
  func slice(_ range: Range<Int>) -> ArraySlice<Value> {
    let from = range.lowerBound - base
    return ArraySlice(values[from..<(from + range.count)].map { $0! })
  }

  func set(_ index: Int, _ value: Value) { values[index - base] = value }

  /// False where it was removed before.
  func remove(_ index: Int) -> Bool {
    guard index >= base, values[index - base] != nil else { return false }
    values[index - base] = nil
    while head < values.count, values[head] == nil { head += 1 }
    trim()
    return true
  }

  /// Takes the first of all, if it is set.
  func popFirst() -> Value? {
    guard head < values.count, let value = values[head] else { return nil }
    values[head] = nil
    head += 1
    trim()
    return value
  }

  /// The numbers of those that are set.
  var places: [Int] { values.indices.filter { values[$0] != nil }.map { $0 + base } }

  private func trim() {
    guard head > 256, head * 2 > values.count else { return }
    values.removeSubrange(..<head)
    base += head
    head = 0
  }
}
