import CPOSIX
import Glibc
import Multiprocessing
import POSIXKit

/// A worker's process.
enum PoolWorkerMain {
  static let target = "procession.pool-worker"

  static func register() { ProcessTargets.register(target) { run(&$0) } }

  /// The entry function. Why it fails is on standard error, which the pool keeps.
  static func run(_ context: inout ChildContext) -> Int32 {
    guard let plan = WorkerPlan(context.payload) else { return fail("it was given no plan") }
    do {
      if plan.bindsOrders {
        try context.setOrphanCleanup(
          path: String(plan.orders.dropFirst("ipc://".count)), folder: plan.folder, ofOwner: plan.poolSocket)
      }
      let page = WorkerPage(try SharedMemory(mapping: context.takeDescriptor(0)))
      let lifeline = context.control.descriptor.raw
      return try work(plan, name: context.name, method: context.method, page: page, lifeline: lifeline)
    } catch { return fail("\(error)") }
  }

  static func work(
    _ plan: WorkerPlan, name: String, method: StartMethod, page: WorkerPage?, lifeline: Int32
  ) throws -> Int32 {
    becomeWorker(named: name, startedBy: method, of: plan.poolProcess)
    var loop = try WorkerLoop.open(plan, name: name, page: page, lifeline: lifeline)
    return try loop.run()
  }

  static func fail(_ reason: String) -> Int32 {
    StandardStreams.say("A pool's worker ends: \(reason)")
    return 1
  }
}

/// Called by `bootstrap` where this module is part of the executable. Only for the library itself.
@_cdecl("procession_register_pool")
public func processionRegisterPool() {
  PoolWorkerMain.register()
  RemoteWorkerMain.takeOver(CommandLine.arguments)
}
