extension ProcessPool.StateMachine {
  /// A worker has ended, and all that it sent has arrived. `inHand`: what its page says it was at.
  package mutating func workerEnded(
    _ worker: PoolWorker, inHand: TaskInHand?, now: UInt64, _ actions: inout [PoolAction]
  ) {
    guard isCurrent(worker), slots[worker.slot].isAlive else { return }
    let index = worker.slot
    let slot = slots[index]
    let wasOfUse =
      slot.chunks > 0 || slot.given.contains { $0.done > 0 }
      || slot.readyAt.map { $0 + rules.soundAfter <= now } ?? false
    let left = slot.state
    slots[index].state = .over
    slots[index].given = []
    slots[index].lookAt = nil
    let blamed = takeBack(slot, worker, inHand, &actions)
    switch phase {
    case .ending, .finished:
      finishIfOver(&actions)
      return
    case .closed where isDone:
      leaveIfDone(now, &actions)
      return
    case .open, .closed: break
    }
    if case .leaving = left { return start(index, now, &actions) }
    if wasOfUse || blamed {
      start(index, now, &actions)
    } else {
      startFailed(index, now, &actions)
    }
    dispatch(now, &actions)
  }

  /// The worker does not exist and will not.
  package mutating func workerNotStarted(_ worker: PoolWorker, now: UInt64, _ actions: inout [PoolAction]) {
    workerEnded(worker, inHand: nil, now: now, &actions)
  }

  /// To be called when `nextDeadline` has passed. `inHand`: by slot, what the workers' pages say they are at.
  package mutating func timePassed(now: UInt64, inHand: [TaskInHand?], _ actions: inout [PoolAction]) {
    for index in slots.indices {
      switch slots[index].state {
      case .backoff(let until) where until <= now: start(index, now, &actions)
      case .starting(let deadline) where deadline <= now, .leaving(let deadline) where deadline <= now:
        kill(index, &actions)
      case .working, .leaving: look(index, inHand[index], now, &actions)
      case .backoff, .starting, .killed, .over: break
      }
    }
    recall(now, &actions)
  }

  /// When ``timePassed(now:inHand:_:)`` must be called at the latest.
  package var nextDeadline: UInt64? {
    var nearest = UInt64.max
    var hasFree = false
    for slot in slots {
      switch slot.state {
      case .backoff(let until): nearest = min(nearest, until)
      case .starting(let deadline), .leaving(let deadline): nearest = min(nearest, deadline)
      case .working: hasFree = hasFree || slot.given.isEmpty
      case .killed, .over: break
      }
      if let lookAt = slot.lookAt, slot.state != .killed { nearest = min(nearest, lookAt) }
    }
    if hasFree, queue.isEmpty {
      for slot in slots where slot.canGiveBack { nearest = min(nearest, slot.progressAt + rules.recallAfter) }
    }
    return nearest == .max ? nil : nearest
  }

  /// Puts a dead worker's tasks back and settles whose fault it was. False: nobody's.
  private mutating func takeBack(
    _ slot: Slot, _ worker: PoolWorker, _ inHand: TaskInHand?, _ actions: inout [PoolAction]
  ) -> Bool {
    var blamed = false
    var fault: (job: UInt64, index: Int)?
    let isKnown = slot.given.contains { $0.isAt(inHand) }
    // The last first: what is put back last comes first.
    for (place, given) in slot.given.enumerated().reversed() {
      let pending = given.pending
      guard let job = jobs[given.handing.job], !pending.isEmpty else {
        // A task that nobody waits for any more may still have been what killed it.
        if place == 0 { blamed = true }
        continue
      }
      var guilty: Int?
      if isKnown {
        guilty = given.isAt(inHand) ? inHand!.index : nil
      } else if place == 0, !slot.hasPage {
        guilty = pending.lowerBound
      } else if place == 0 {
        let near = (job.nearDeaths[pending.lowerBound] ?? 0) + 1
        jobs[given.handing.job]!.nearDeaths[pending.lowerBound] = near
        if near > rules.mostNearDeaths { guilty = pending.lowerBound }
      }
      guard let guilty else {
        again(given.handing.job, pending)
        continue
      }
      again(given.handing.job, (guilty + 1)..<pending.upperBound)
      fault = (given.handing.job, guilty)
      again(given.handing.job, pending.lowerBound..<guilty)
    }
    guard let fault else { return blamed }
    blame(fault.job, fault.index, slot, worker, inHand, &actions)
    return true
  }

  private mutating func blame(
    _ job: UInt64, _ index: Int, _ slot: Slot, _ worker: PoolWorker, _ inHand: TaskInHand?,
    _ actions: inout [PoolAction]
  ) {
    if let overdue = slot.overdue {
      // It ended the task that it was killed for, and was at the next: that one is innocent.
      if overdue.index != index || inHand.map({ $0.ticket != overdue.ticket }) ?? false {
        return again(job, index..<(index + 1))
      }
      return fail(job, index, .overdue(limit: jobs[job]!.limit ?? 0), &actions)
    }
    let deaths = (jobs[job]!.deaths[index] ?? 0) + 1
    jobs[job]!.deaths[index] = deaths
    if deaths <= jobs[job]!.retries {
      again(job, index..<(index + 1))
    } else {
      fail(job, index, .died(worker), &actions)
    }
  }

  private mutating func fail(
    _ job: UInt64, _ index: Int, _ failure: PoolTaskFailure, _ actions: inout [PoolAction]
  ) {
    jobs[job]!.open -= 1
    actions.append(.fail(job: job, index: index, failure))
    if jobs[job]!.isSealed && jobs[job]!.open == 0 { jobs[job] = nil }
  }

  /// Looks whether a task is over its time, and ends its worker if so.
  private mutating func look(
    _ index: Int, _ inHand: TaskInHand?, _ now: UInt64, _ actions: inout [PoolAction]
  ) {
    guard let lookAt = slots[index].lookAt, lookAt <= now, let first = slots[index].given.first,
      let limit = jobs[first.handing.job]?.limit
    else {
      if slots[index].lookAt ?? .max <= now { slots[index].lookAt = nil }
      return
    }
    var task = TaskInHand(
      ticket: first.handing.ticket, index: first.pending.lowerBound, startedAt: slots[index].progressAt)
    if slots[index].hasPage {
      guard let inHand, inHand.ticket == first.handing.ticket else {
        // Between two: its results are on their way.
        slots[index].lookAt = now + max(1_000_000, limit / 10)
        return
      }
      task = inHand
    }
    if task.startedAt + limit > now {
      slots[index].lookAt = task.startedAt + limit
      return
    }
    slots[index].overdue = task
    kill(index, &actions)
  }

  private mutating func startFailed(_ index: Int, _ now: UInt64, _ actions: inout [PoolAction]) {
    slots[index].failedStarts += 1
    let failed = slots[index].failedStarts
    if failed >= rules.mostFailedStarts,
      slots.allSatisfy({ !$0.isWorking && $0.failedStarts >= rules.mostFailedStarts })
    {
      end(.noWorkerStarts(PoolWorker(slot: index, epoch: slots[index].epoch)), &actions)
      return
    }
    let wait = failed > 30 ? rules.longestBackoff : rules.firstBackoff << UInt64(failed - 1)
    slots[index].state = .backoff(until: now + min(wait, rules.longestBackoff))
  }
}

extension ProcessPool.StateMachine.Given {
  fileprivate func isAt(_ task: TaskInHand?) -> Bool {
    guard let task else { return false }
    return task.ticket == handing.ticket && pending.contains(task.index)
  }
}

extension ProcessPool.StateMachine.Slot {
  fileprivate var isWorking: Bool {
    switch state {
    case .working, .leaving: true
    case .backoff, .starting, .killed, .over: false
    }
  }

  /// It may have something that it has not begun.
  var canGiveBack: Bool {
    hasPage && state == .working && given.count > 1 && !given[given.count - 1].isBegun
  }
}
