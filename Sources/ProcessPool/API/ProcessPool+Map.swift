import Multiprocessing
import POSIXKit

extension ProcessPool {
  /// Calls the function with each argument and returns the results in the arguments' order.
  ///
  /// Waits until all have ended, then throws the error of the first argument whose call failed: what the function
  /// threw (as it was where it is `Codable`, else a `RemoteError`), `WorkerDied`, or `TaskTimeout`.
  ///
  /// - Parameters:
  ///   - chunkSize: how many calls travel together; by default, as in Python, the number of arguments divided by
  ///     four times the number of workers, rounded up.
  ///   - retries: how often a call is made again whose worker died over it.
  ///   - timeout: how long one call may take. Its worker is ended then, with all that the worker has started, and
  ///     replaced; the other calls of its chunk are made elsewhere. Such a call is not made again.
  ///
  /// Throws `PoolError` also where the pool takes no tasks or ends.
  @inlinable
  public func map<Argument, Output>(
    _ function: RemoteFunction<Argument, Output>, _ arguments: some Sequence<Argument>, chunkSize: Int? = nil,
    retries: Int = 0, timeout: Duration? = nil
  ) throws -> [Output] {
    // Read where the sequence's type is known: an element then costs a nanosecond and not a hundred.
    try begin(function, Array(arguments), chunkSize, retries, timeout, nil, nil).get()
  }

  /// `map` for functions of several parameters: each element is a tuple of arguments.
  public func starmap<each Argument, Output>(
    _ function: RemoteFunction<repeat each Argument, Output>,
    _ arguments: some Sequence<(repeat each Argument)>,
    chunkSize: Int? = nil, retries: Int = 0, timeout: Duration? = nil
  ) throws -> [Output] {
    try submitStarmap(function, arguments, chunkSize: chunkSize, retries: retries, timeout: timeout).get()
  }

  /// Begins what `map` does and returns at once. The callbacks run, one of them once, in a later call of the
  /// pool or of its results.
  @inlinable
  public func submitMap<Argument, Output>(
    _ function: RemoteFunction<Argument, Output>, _ arguments: some Sequence<Argument>, chunkSize: Int? = nil,
    retries: Int = 0, timeout: Duration? = nil, callback: (([Output]) -> Void)? = nil,
    errorCallback: ((any Error) -> Void)? = nil
  ) throws -> PoolResult<[Output]> {
    try begin(function, Array(arguments), chunkSize, retries, timeout, callback, errorCallback)
  }

  @usableFromInline
  func begin<Argument, Output>(
    _ function: RemoteFunction<Argument, Output>, _ all: [Argument], _ chunkSize: Int?, _ retries: Int,
    _ timeout: Duration?, _ callback: (([Output]) -> Void)?, _ errorCallback: ((any Error) -> Void)?
  ) throws -> PoolResult<[Output]> {
    let collecting = try collect(function, all.count, chunkSize, retries, timeout) { range, builder in
      ArgumentCoding.append(all[range], to: &builder) { try function.encode($0) }
    }
    return PoolResult(collecting, core, callback, errorCallback) { try $0.outcome() }
  }

  /// Begins what `starmap` does and returns at once.
  public func submitStarmap<each Argument, Output>(
    _ function: RemoteFunction<repeat each Argument, Output>,
    _ arguments: some Sequence<(repeat each Argument)>,
    chunkSize: Int? = nil, retries: Int = 0, timeout: Duration? = nil,
    callback: (([Output]) -> Void)? = nil, errorCallback: ((any Error) -> Void)? = nil
  ) throws -> PoolResult<[Output]> {
    let all = Array(arguments)
    let collecting = try collect(function, all.count, chunkSize, retries, timeout) { range, builder in
      ArgumentCoding.append(each: all[range], to: &builder) { try function.encode(repeat each $0) }
    }
    return PoolResult(collecting, core, callback, errorCallback) { try $0.outcome() }
  }

  /// Calls the function in a worker and returns its result. Throws as `map` does.
  public func apply<each Argument, Output>(
    _ function: RemoteFunction<repeat each Argument, Output>, _ arguments: repeat each Argument,
    retries: Int = 0, timeout: Duration? = nil
  ) throws -> Output {
    try submit(function, repeat each arguments, retries: retries, timeout: timeout).get()
  }

  /// Has the function called in a worker and returns at once. The callbacks run, one of them once, in a later
  /// call of the pool or of its results. Throws `PoolError` where the pool takes no tasks.
  public func submit<each Argument, Output>(
    _ function: RemoteFunction<repeat each Argument, Output>, _ arguments: repeat each Argument,
    retries: Int = 0, timeout: Duration? = nil, callback: ((Output) -> Void)? = nil,
    errorCallback: ((any Error) -> Void)? = nil
  ) throws -> PoolResult<Output> {
    let encoded: Result<[UInt8], any Error>
    do { encoded = .success(try function.encode(repeat each arguments)) } catch { encoded = .failure(error) }
    let collecting = try collect(function, 1, 1, retries, timeout) { _, builder in
      ArgumentCoding.append(each: [encoded], to: &builder) { try $0.get() }
    }
    return PoolResult(collecting, core, callback, errorCallback) { try $0.outcome()[0] }
  }

  private func collect<each Argument, Output>(
    _ function: RemoteFunction<repeat each Argument, Output>, _ count: Int, _ chunkSize: Int?, _ retries: Int,
    _ timeout: Duration?, _ encoding: @escaping FunctionJob<Output>.Encoding
  ) throws -> CollectingJob<Output> {
    try check(function)
    let chunk = try chunk(chunkSize, count: count)
    try core.activate()
    let job = CollectingJob<Output>(
      id: core.newJobID(), function: function.name, count: count, encoding, function.decoding)
    core.add(job, retries: retries, timeout: timeout)
    core.act { machine, now, actions in
      machine.tasksSubmitted(job.id, 0..<count, chunk: chunk, now: now, &actions)
      machine.jobSealed(job.id, now: now, &actions)
    }
    core.noteProgress(of: job)
    try poll()
    return job
  }

  /// Python's rule.
  private func chunk(_ asked: Int?, count: Int) throws -> Int {
    if let asked {
      guard asked > 0 else { throw PoolError.usage("chunkSize is at least 1, not \(asked).") }
      return asked
    }
    return max(1, (count + 4 * workers - 1) / (4 * workers))
  }
}

extension RemoteFunction {
  var decoding: FunctionJob<Output>.Decoding {
    .init(one: { try self.decodeOutput($0) }, many: { try self.decodeOutputs($0) })
  }
}
