import Glibc
import Multiprocessing
import POSIXKit
import ZeroMQ

extension PoolCore {
  func carryOut(_ action: PoolAction) {
    switch action {
    case .start(let worker): start(worker)
    case .hand(let handing, let worker): hand(handing, to: worker)
    case .recall(let ticket, let worker):
      guard let seat = seat(of: worker), seat.recall(ticket) else { return }
      act { machine, now, actions in
        machine.handingRecalled(from: worker, ticket: ticket, now: now, &actions)
      }
    case .finish(let worker):
      guard let seat = seat(of: worker) else { return }
      seat.orders.append(PoolMessage.Order.finish)
      markUnsent(seat)
    case .kill(let worker):
      if let seat = seat(of: worker) { kill(seat) }
    case .fail(let id, let index, let reason):
      guard let job = job(id) else { return }
      job.fail(index, error(reason, index))
      noteProgress(of: job)
    case .abandonAll(let end): abandon(end)
    case .finished: break
    }
  }

  private func seat(of worker: PoolWorker) -> WorkerSeat? {
    guard let seat = seats[worker.slot], seat.worker == worker else { return nil }
    return seat
  }

  private func start(_ worker: PoolWorker) {
    do {
      var (plan, outbox) = try transport!.prepare(worker)
      if let initializer { (plan.initializer, plan.initializerArguments) = initializer }
      seats[worker.slot] = try starter.start(plan, outbox: outbox)
    } catch {
      lastEnds[worker.slot] = (worker.epoch, nil, [], "\(error)")
      act { machine, now, actions in machine.workerNotStarted(worker, now: now, &actions) }
    }
  }

  private func hand(_ handing: PoolHanding, to worker: PoolWorker) {
    guard let seat = seat(of: worker), let job = job(handing.job) else { return }
    seat.orders.append(PoolMessage.Order.run)
    seat.orders.append(UInt32(truncatingIfNeeded: seat.offer(handing.ticket)))
    seat.orders.append(handing.ticket)
    seat.orders.append(UInt64(handing.range.lowerBound))
    seat.orders.append(UInt32(handing.range.count))
    seat.orders.append(UInt32(job.isTimed ? 1 : 0))
    let formAt = seat.orders.count
    seat.orders.append(UInt32(0))
    seat.orders.appendField(job.function)
    let lengthAt = seat.orders.count
    seat.orders.append(UInt64(0))
    seat.orders.replace(at: formAt, with: job.encode(handing.range, into: &seat.orders))
    seat.orders.replace(at: lengthAt, with: UInt64(seat.orders.count - lengthAt - 8))
    if seat.orders.count <= 64 << 10 || !send(seat) { markUnsent(seat) }
  }

  private func markUnsent(_ seat: WorkerSeat) {
    if seat.hasUnsent { return }
    seat.hasUnsent = true
    unsent.append(seat)
  }

  /// Sends what was ordered since the last call: orders that came together travel together.
  func sendOrders() {
    if unsent.isEmpty { return }
    var waiting: [WorkerSeat] = []
    for seat in unsent {
      if seat.orders.count > 0 && !send(seat) {
        waiting.append(seat)
      } else {
        seat.hasUnsent = false
      }
    }
    unsent.removeAll(keepingCapacity: true)
    unsent.append(contentsOf: waiting)
  }

  /// False where the worker is still on its way to its outbox: to be tried again soon.
  private func send(_ seat: WorkerSeat) -> Bool {
    guard let outbox = seat.outbox, seat.ended == nil else { return true }
    do {
      if !seat.isConnected {
        if try waits(seat, for: outbox) { return false }
        seat.isConnected = true
      }
      // There is no limit to the queue: what fails here is the worker's connection.
      try outbox.socket.send(try seat.orders.finish())
    } catch {
      kill(seat)
    }
    return true
  }

  /// A worker beyond the machine has two connections, and what it says by one may come before the other stands.
  private func waits(_ seat: WorkerSeat, for outbox: PoolTransport.Outbox) throws -> Bool {
    if try outbox.socket.takesOutput { return false }
    if seat.waitsSince == 0 { seat.waitsSince = now }
    if now - seat.waitsSince < Self.connectionWithin { return true }
    throw ZeroMQError.queueFull(endpoint: outbox.socket.endpoint)
  }

  /// Nanoseconds that a worker's second connection may take longer than its first.
  private static var connectionWithin: UInt64 { 10_000_000_000 }

  private func kill(_ seat: WorkerSeat) {
    seat.lifeline = nil
    _ = try? seat.process.signalGroup(SIGKILL)
  }

  private func error(_ failure: PoolTaskFailure, _ index: Int) -> any Error {
    switch failure {
    case .overdue(let limit): return TaskTimeout(taskIndex: index, limit: .nanoseconds(limit))
    case .died(let worker):
      let last = lastEnds[worker.slot]
      return WorkerDied(
        taskIndex: index, exitCode: (last.status ?? .unknown).code, standardErrorTail: last.tail)
    }
  }

  private func abandon(_ end: PoolEnd) {
    switch end {
    case .terminated: failure = failure ?? .terminated
    case .noWorkerStarts(let worker):
      let last = lastEnds[worker.slot]
      var text = last.reason
      if let status = last.status { text = "\(status)" }
      failure = .workersFail(([text] + last.tail).joined(separator: "\n  "))
    }
    for id in jobs.keys.sorted() {
      guard let job = jobs[id] else { continue }
      job.failRest(failure!)
      noteProgress(of: job)
    }
  }
}
