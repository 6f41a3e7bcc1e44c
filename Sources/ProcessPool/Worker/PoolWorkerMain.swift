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
      return try work(plan, page: page, lifeline: context.control.descriptor.raw)
    } catch { return fail("\(error)") }
  }

  static func work(_ plan: WorkerPlan, page: consuming WorkerPage?, lifeline: Int32) throws -> Int32 {
    var loop = try WorkerLoop.open(plan, page: page, lifeline: lifeline)
    return try loop.run()
  }

  static func fail(_ reason: String) -> Int32 {
    StandardStreams.say("A pool's worker ends: \(reason)")
    return 1
  }
}

/// Called by `ProcessTargets.bootstrap` where this module is part of the executable.
@_cdecl("procession_register_more")
public func processionRegisterMore() {
  PoolWorkerMain.register()
  RemoteWorkerMain.takeOver(CommandLine.arguments)
}
