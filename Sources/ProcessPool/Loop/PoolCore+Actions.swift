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
      do { try seat.outbox?.socket.send(try PoolMessage.finish()) } catch { kill(seat) }
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
    guard let seat = seat(of: worker), let outbox = seat.outbox, let job = job(handing.job) else { return }
    var builder = MessageBuilder(capacity: 256)
    builder.append(PoolMessage.Order.run)
    builder.append(UInt32(truncatingIfNeeded: seat.offer(handing.ticket)))
    builder.append(handing.ticket)
    builder.append(UInt64(handing.range.lowerBound))
    builder.append(UInt32(handing.range.count))
    let formAt = builder.count
    builder.append(UInt32(0))
    builder.appendField(job.function)
    builder.replace(at: formAt, with: job.encode(handing.range, into: &builder))
    // Under credit the queue is never full: what fails here is the worker's connection.
    do { try outbox.socket.send(try builder.finish()) } catch { kill(seat) }
  }

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
