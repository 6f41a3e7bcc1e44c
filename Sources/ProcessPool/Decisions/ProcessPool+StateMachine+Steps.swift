extension ProcessPool.StateMachine {
  func isCurrent(_ worker: PoolWorker) -> Bool {
    slots.indices.contains(worker.slot) && slots[worker.slot].epoch == worker.epoch
  }

  private func worker(_ slot: Int) -> PoolWorker { PoolWorker(slot: slot, epoch: slots[slot].epoch) }

  mutating func start(_ index: Int, _ now: UInt64, _ actions: inout [PoolAction]) {
    let failed = slots[index].failedStarts
    let epoch = slots[index].epoch + 1
    slots[index] = Slot()
    slots[index].failedStarts = failed
    slots[index].epoch = epoch
    slots[index].state = .starting(deadline: now + rules.startWithin)
    actions.append(.start(worker(index)))
  }

  mutating func kill(_ index: Int, _ actions: inout [PoolAction]) {
    slots[index].state = .killed
    slots[index].lookAt = nil
    actions.append(.kill(worker(index)))
  }

  mutating func leave(_ index: Int, _ now: UInt64, _ actions: inout [PoolAction]) {
    slots[index].state = .leaving(deadline: now + rules.leaveWithin)
    actions.append(.finish(worker(index)))
  }

  mutating func again(_ job: UInt64, _ range: Range<Int>) {
    if jobs[job] == nil { return }
    // As one chunk: it was one.
    queue.putBack(.init(job: job, range: range, chunk: range.count))
  }

  /// Hands out what waits, each chunk to the worker that has least.
  mutating func dispatch(_ now: UInt64, _ actions: inout [PoolAction]) {
    guard phase == .open || phase == .closed else { return }
    while !queue.isEmpty, let index = leastLoaded(), let item = queue.next() {
      let handing = PoolHanding(ticket: nextTicket, job: item.job, range: item.range)
      nextTicket += 1
      slots[index].given.append(Given(handing: handing))
      slots[index].handed += 1
      if slots[index].given.count == 1 { gotOn(index, now) }
      actions.append(.hand(handing, to: worker(index)))
    }
  }

  private func leastLoaded() -> Int? {
    var best: Int?
    var least = Int.max
    for (index, slot) in slots.enumerated() {
      guard slot.state == .working, !slot.hasGivenBack, slot.given.count < (slot.hasPage ? rules.depth : 1),
        slot.handed < rules.mostHandings ?? .max, slot.given.count < least
      else { continue }
      best = index
      least = slot.given.count
    }
    return best
  }

  /// The worker's first handing is a new one, or has got on.
  mutating func gotOn(_ index: Int, _ now: UInt64) {
    slots[index].progressAt = now
    slots[index].lookAt =
      slots[index].given.first.flatMap { jobs[$0.handing.job]?.limit }.map { now + $0 }
  }

  /// Where a worker has nothing and nothing waits: what another has behind a long task.
  mutating func recall(_ now: UInt64, _ actions: inout [PoolAction]) {
    guard queue.isEmpty, phase == .open || phase == .closed else { return }
    var free = slots.count { $0.isFree }
    for index in slots.indices where free > 0 && slots[index].canGiveBack {
      guard slots[index].progressAt + rules.recallAfter <= now else { continue }
      // Asked for once; what was begun meanwhile stays.
      let last = slots[index].given.count - 1
      slots[index].given[last].isBegun = true
      actions.append(.recall(ticket: slots[index].given[last].handing.ticket, from: worker(index)))
      free -= 1
    }
  }

  mutating func settle(_ job: UInt64, _ now: UInt64, _ actions: inout [PoolAction]) {
    guard let state = jobs[job], state.isSealed, state.open == 0 else { return }
    jobs[job] = nil
    leaveIfDone(now, &actions)
  }

  /// Closed, and nothing is left to do.
  var isDone: Bool { phase == .closed && jobs.isEmpty }

  /// Sends the workers home when all is done.
  mutating func leaveIfDone(_ now: UInt64, _ actions: inout [PoolAction]) {
    guard isDone else { return }
    for index in slots.indices {
      switch slots[index].state {
      case .working: leave(index, now, &actions)
      case .backoff: slots[index].state = .over
      case .starting, .leaving, .killed, .over: break
      }
    }
    finishIfOver(&actions)
  }

  /// Ends everything now.
  mutating func end(_ how: PoolEnd, _ actions: inout [PoolAction]) {
    phase = .ending
    jobs = [:]
    queue.removeAll()
    actions.append(.abandonAll(how))
    for index in slots.indices {
      switch slots[index].state {
      case .starting, .working, .leaving: kill(index, &actions)
      case .backoff: slots[index].state = .over
      case .killed, .over: break
      }
    }
    finishIfOver(&actions)
  }

  mutating func finishIfOver(_ actions: inout [PoolAction]) {
    guard phase != .finished, slots.allSatisfy({ $0.state == .over }) else { return }
    phase = .finished
    actions.append(.finished)
  }
}
