import Glibc
import Multiprocessing
import POSIXKit
import ZeroMQ

/// A worker's own loop: orders come in, results go out, until it is told to leave or its pool is gone.
struct WorkerLoop: ~Copyable {
  private let plan: WorkerPlan
  private let orders: Socket
  private let output: WorkerOutput
  private var finder = FunctionFinder()
  /// Its end means that the pool is gone.
  private let lifeline: Int32

  private init(
    _ plan: WorkerPlan, orders: consuming Socket, output: WorkerOutput, lifeline: Int32
  ) {
    self.plan = plan
    self.orders = orders
    self.output = output
    self.lifeline = lifeline
  }

  /// Opens the worker's sockets, runs the initializer, and says that the worker is ready. Throws what goes wrong
  /// on the way.
  static func open(
    _ plan: WorkerPlan, name: String, page: WorkerPage?, lifeline: Int32
  ) throws -> WorkerLoop {
    let context = try Context(maximumSockets: 8)
    var orders = try Socket(context, .pull, highWaterMark: 0)
    var results = try Socket(context, .push, highWaterMark: 0)
    if let keys = plan.keys {
      try orders.secure(asClient: keys, ofServer: plan.poolKey)
      try results.secure(asClient: keys, ofServer: plan.poolKey)
    }
    if plan.bindsOrders { try orders.bind(plan.orders) } else { try orders.connect(plan.orders) }
    try results.connect(plan.results)
    let output = WorkerOutput(plan.worker, worker: name, results, page: page)
    if !plan.initializer.isEmpty {
      try initialize(plan)
    }
    try output.send(PoolMessage.ready(plan.worker))
    return WorkerLoop(plan, orders: orders, output: output, lifeline: lifeline)
  }

  /// Works until the end. Returns the exit status.
  mutating func run() throws -> Int32 {
    let number = try orders.pollDescriptor
    var poller = POSIXKit.Poller()
    while true {
      switch try orders.receive() {
      case .some(let message):
        guard try obey(message) else { return 0 }
      case .none:
        // Nothing more to do for now: what was done is told.
        // What its tasks have printed comes before their results.
        fflush(nil)
        try output.flush()
        if try orders.hasInput { continue }
        poller.removeAll()
        poller.watch(number, token: 0)
        poller.watch(lifeline, token: 1)
        for ready in try poller.wait(until: nil) where ready.token == 1 && isPoolGone() { return 0 }
      }
    }
  }

  /// False where it is told to leave.
  private mutating func obey(_ message: consuming Message) throws -> Bool {
    let message = message
    var reader = MessageReader(message.bytes)
    while let kind = reader.next(UInt32.self) {
      guard kind == PoolMessage.Order.run, let handing = HandedTasks(&reader) else {
        try output.flush()
        return false
      }
      if output.begin(handing) { try run(handing) }
    }
    return true
  }

  private static func initialize(_ plan: WorkerPlan) throws {
    guard let entry = PoolFunctions.entry(named: plan.initializer) else {
      throw RemoteError(
        typeName: "ProcessError", text: "no function '\(plan.initializer)' is listed here", worker: "")
    }
    do { try plan.initializerArguments.withUnsafeBytes { try entry.run($0) } } catch {
      throw InitializerFailure(name: plan.initializer, error: error)
    }
  }

  /// Runs the tasks of an order, one after the other.
  private mutating func run(_ handing: HandedTasks) throws {
    var arguments = handing.arguments
    do {
      guard let entry = finder.find(handing.function) else {
        let name = String(decoding: handing.function, as: UTF8.self)
        throw RemoteError(
          typeName: "ProcessError",
          text: "no function '\(name)' is listed in bootstrap where the worker runs", worker: output.worker)
      }
      if handing.form == PoolMessage.Form.array, let bytes = arguments.field() {
        try entry.callEach(bytes, handing.count, output)
      } else {
        try callEach(entry, handing.count, &arguments)
      }
    } catch {
      // The rest of them can't be run.
      let failure = RemoteFailure(error, worker: output.worker).encoded()
      while output.told < handing.count { output.add(failure: failure) }
    }
    try output.leave()
  }

  private func callEach(
    _ entry: RemoteFunctionEntry, _ count: Int, _ arguments: inout MessageReader
  ) throws {
    for index in 0..<count {
      if output.isDue(holding: 0) { try output.flush() }
      output.enter(index)
      guard let argument = arguments.outcome() else { return }
      if argument.isFailure {
        // It could not be encoded.
        output.add(failure: Array(argument.bytes))
        continue
      }
      switch RemoteFunctionTable.call(entry, arguments: argument.bytes, worker: output.worker) {
      case .value(let bytes): output.add(result: bytes)
      case .failure(let bytes): output.add(failure: bytes)
      }
    }
  }

  private func isPoolGone() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
      let count = read(lifeline, buffer.baseAddress, buffer.count)
      return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }
  }
}

/// The tasks of one order. Its bytes are those of the message and must not outlive it.
struct HandedTasks {
  let place: Int
  let ticket: UInt64
  let first: Int
  let count: Int
  let isTimed: Bool
  let form: UInt32
  let function: UnsafeRawBufferPointer
  /// The bytes of all arguments.
  var arguments: MessageReader

  init?(_ reader: inout MessageReader) {
    guard let place = reader.next(UInt32.self), let ticket = reader.next(UInt64.self),
      let first = reader.next(UInt64.self), let count = reader.next(UInt32.self),
      let timed = reader.next(UInt32.self), let form = reader.next(UInt32.self),
      let function = reader.field(), let arguments = reader.field()
    else { return nil }
    self.place = Int(place)
    self.ticket = ticket
    self.first = Int(first)
    self.count = Int(count)
    self.form = form
    self.function = function
    isTimed = timed != 0
    self.arguments = MessageReader(arguments)
  }
}

/// The pool's initializer threw: the worker is of no use.
struct InitializerFailure: Error, CustomStringConvertible {
  var name: String
  var error: any Error

  var description: String { "the pool's initializer '\(name)' failed: \(type(of: error)): \(error)" }
}
