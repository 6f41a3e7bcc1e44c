extension ProcessPool {
  /// Decides which worker gets what, what a death costs, and when a pool is over.
  ///
  /// Pure: facts go in as past-tense inputs with the time, actions come out. `now` is in nanoseconds of one
  /// clock. A worker does what it is given in order, so what of a handing has no result is its end.
  package struct StateMachine: Sendable {
    package struct Rules: Hashable, Sendable {
      package var workers: Int
      /// Handings that a worker has at once, if it can give back what it has not begun; otherwise it has one.
      package var depth = 16
      /// Handings after which a worker is replaced (Python's `maxtasksperchild` counts chunks, too).
      package var mostHandings: Int?
      /// Failed starts of a slot in a row after which nothing is expected of it.
      package var mostFailedStarts = 5
      /// Nanoseconds, doubled with each failed start in a row.
      package var firstBackoff: UInt64 = 10_000_000
      package var longestBackoff: UInt64 = 5_000_000_000
      /// Nanoseconds after which an idle worker's death is no failed start.
      package var soundAfter: UInt64 = 1_000_000_000
      /// Nanoseconds to become ready, and to leave.
      package var startWithin: UInt64 = 60_000_000_000
      package var leaveWithin: UInt64 = 5_000_000_000
      /// What waits behind a handing that takes longer than this goes to a worker that has nothing.
      package var recallAfter: UInt64 = 1_000_000
      /// Deaths between tasks after which the next task is blamed.
      package var mostNearDeaths = 3

      package init(workers: Int) { self.workers = workers }
    }

    package enum Phase: Hashable, Sendable {
      case open
      /// Nothing new comes; what is there is done.
      case closed
      case ending
      case finished
    }

    let rules: Rules
    package internal(set) var phase = Phase.open
    package internal(set) var slots: [Slot]
    var jobs: [UInt64: Job] = [:]
    var queue = PoolQueue()
    var nextTicket: UInt64 = 1

    package init(_ rules: Rules) {
      self.rules = rules
      slots = Array(repeating: Slot(), count: rules.workers)
    }

    package mutating func started(now: UInt64, _ actions: inout [PoolAction]) {
      for slot in slots.indices { start(slot, now, &actions) }
    }

    // What is to be done.

    /// A job that tasks may be added to. `limit`: the nanoseconds that each may take.
    package mutating func jobOpened(_ job: UInt64, retries: Int = 0, limit: UInt64? = nil) {
      jobs[job] = Job(retries: retries, limit: limit)
    }

    /// Tasks of an open job, not submitted before, to be handed in chunks of this size.
    package mutating func tasksSubmitted(
      _ job: UInt64, _ range: Range<Int>, chunk: Int, now: UInt64, _ actions: inout [PoolAction]
    ) {
      guard phase == .open || phase == .closed, jobs[job] != nil else { return }
      jobs[job]!.open += range.count
      queue.append(.init(job: job, range: range, chunk: chunk))
      dispatch(now, &actions)
    }

    /// No more tasks of it are coming.
    package mutating func jobSealed(_ job: UInt64, now: UInt64, _ actions: inout [PoolAction]) {
      jobs[job]?.isSealed = true
      settle(job, now, &actions)
    }

    /// Nobody wants its results any more. What workers have begun of it they end.
    package mutating func jobDropped(_ job: UInt64, now: UInt64, _ actions: inout [PoolAction]) {
      guard jobs.removeValue(forKey: job) != nil else { return }
      queue.removeAll(of: job)
      leaveIfDone(now, &actions)
    }

    // What workers do.

    /// `hasPage`: it writes what it is at, and what it has not begun can be recalled.
    package mutating func workerReady(
      _ worker: PoolWorker, hasPage: Bool, now: UInt64, _ actions: inout [PoolAction]
    ) {
      guard isCurrent(worker), case .starting = slots[worker.slot].state else { return }
      slots[worker.slot].state = .working
      slots[worker.slot].hasPage = hasPage
      slots[worker.slot].readyAt = now
      dispatch(now, &actions)
      leaveIfDone(now, &actions)
    }

    /// The next tasks of a handing have ended, each with its result or its error. Returns which they are; nil
    /// where nobody waits for them any more, and what came is to be thrown away.
    package mutating func resultsArrived(
      from worker: PoolWorker, ticket: UInt64, count: Int, now: UInt64, _ actions: inout [PoolAction]
    ) -> PoolHanding? {
      guard isCurrent(worker), let place = slots[worker.slot].given.firstIndex(ticket), count > 0,
        slots[worker.slot].given[place].pending.count >= count
      else { return nil }
      var ended = slots[worker.slot].given[place].handing
      let first = slots[worker.slot].given[place].pending.lowerBound
      ended.range = first..<(first + count)
      let slot = worker.slot
      let job = slots[slot].given[place].handing.job
      slots[slot].given[place].done += count
      slots[slot].failedStarts = 0
      if slots[slot].given[place].pending.isEmpty {
        slots[slot].given.remove(at: place)
        slots[slot].chunks += 1
        if slots[slot].chunks == rules.mostHandings && slots[slot].state == .working {
          leave(slot, now, &actions)
        }
      }
      if slots[slot].given.isEmpty { slots[slot].hasGivenBack = false }
      gotOn(slot, now)
      let isWanted = jobs[job] != nil
      jobs[job]?.open -= count
      settle(job, now, &actions)
      dispatch(now, &actions)
      return isWanted ? ended : nil
    }

    /// A recall has worked: the worker will not begin it.
    package mutating func handingRecalled(
      from worker: PoolWorker, ticket: UInt64, now: UInt64, _ actions: inout [PoolAction]
    ) {
      guard isCurrent(worker), let place = slots[worker.slot].given.firstIndex(ticket) else { return }
      let given = slots[worker.slot].given.remove(at: place)
      slots[worker.slot].handed -= 1
      slots[worker.slot].hasGivenBack = true
      again(given.handing.job, given.pending)
      dispatch(now, &actions)
    }

    package mutating func closeRequested(now: UInt64, _ actions: inout [PoolAction]) {
      guard phase == .open else { return }
      phase = .closed
      leaveIfDone(now, &actions)
    }

    package mutating func terminateRequested(now: UInt64, _ actions: inout [PoolAction]) {
      guard phase == .open || phase == .closed else { return }
      end(.terminated, &actions)
    }
  }
}

extension [ProcessPool.StateMachine.Given] {
  func firstIndex(_ ticket: UInt64) -> Int? { firstIndex { $0.handing.ticket == ticket } }
}
