import ZeroMQ

/// What a worker is told when it starts.
struct WorkerPlan: Equatable {
  var worker: PoolWorker
  /// Where the pool takes results.
  var results: String
  /// Where the worker gets its orders.
  var orders: String
  /// It listens there; otherwise the pool does.
  var bindsOrders: Bool
  /// The folder of both and the pool's own socket, to be removed when both are gone; empty where it is none.
  var folder = ""
  var poolSocket = ""
  /// What runs before the first task: a function's name and its arguments; empty for none.
  var initializer = ""
  var initializerArguments: [UInt8] = []
  /// Beyond the machine: its own keys, and the pool's public one.
  var keys: CurveKeys?
  var poolKey = ""
  /// The pool's process; 0 beyond the machine.
  var poolProcess: Int32 = 0

  func encoded() -> [UInt8] {
    var builder = MessageBuilder(capacity: 1024)
    builder.append(UInt32(worker.slot))
    builder.append(worker.epoch)
    builder.append(UInt32(bindsOrders ? 1 : 0))
    builder.append(poolProcess)
    for text in [
      results, orders, folder, poolSocket, initializer, keys?.publicKey ?? "", keys?.secretKey ?? "", poolKey,
    ] { builder.appendField(text) }
    builder.appendField(initializerArguments)
    return builder.withBytes { Array($0) }
  }
}

extension WorkerPlan {
  /// Nil for bytes that are none.
  init?(_ bytes: [UInt8]) {
    let plan = bytes.withUnsafeBytes { buffer -> WorkerPlan? in
      var reader = MessageReader(buffer)
      guard let slot = reader.next(UInt32.self), let epoch = reader.next(UInt32.self),
        let binds = reader.next(UInt32.self), let poolProcess = reader.next(Int32.self),
        let results = reader.text(), let orders = reader.text(),
        let folder = reader.text(), let poolSocket = reader.text(), let initializer = reader.text(),
        let publicKey = reader.text(), let secretKey = reader.text(), let poolKey = reader.text(),
        let arguments = reader.field()
      else { return nil }
      var plan = WorkerPlan(
        worker: PoolWorker(slot: Int(slot), epoch: epoch), results: results, orders: orders,
        bindsOrders: binds == 1)
      plan.poolProcess = poolProcess
      plan.folder = folder
      plan.poolSocket = poolSocket
      plan.initializer = initializer
      plan.initializerArguments = Array(arguments)
      if !publicKey.isEmpty { plan.keys = CurveKeys(publicKey: publicKey, secretKey: secretKey) }
      plan.poolKey = poolKey
      return plan
    }
    guard let plan else { return nil }
    self = plan
  }
}
