import ProcessPool
import Testing

/// The machine's rules one by one. Times are in milliseconds.
@Suite struct StateMachineTests {
  typealias Machine = ProcessPool.StateMachine

  /// A machine and the actions of its last input.
  struct Run {
    var machine: Machine
    var actions: [PoolAction] = []
    var now: UInt64 = 0

    init(workers: Int, _ change: (inout Machine.Rules) -> Void = { _ in }) {
      var rules = Machine.Rules(workers: workers)
      rules.depth = 2
      change(&rules)
      machine = Machine(rules)
      act { machine, now, actions in machine.started(now: now, &actions) }
    }

    mutating func act(_ input: (inout Machine, UInt64, inout [PoolAction]) -> Void) {
      actions = []
      input(&machine, now, &actions)
    }

    mutating func at(_ milliseconds: UInt64) { now = milliseconds * 1_000_000 }

    mutating func ready(_ slot: Int, epoch: UInt32 = 1, hasPage: Bool = true) {
      act { machine, now, actions in
        machine.workerReady(PoolWorker(slot: slot, epoch: epoch), hasPage: hasPage, now: now, &actions)
      }
    }

    mutating func submit(_ count: Int, chunk: Int, retries: Int = 0, limit: UInt64? = nil) {
      act { machine, now, actions in
        machine.jobOpened(1, retries: retries, limit: limit.map { $0 * 1_000_000 })
        machine.tasksSubmitted(1, 0..<count, chunk: chunk, now: now, &actions)
        machine.jobSealed(1, now: now, &actions)
      }
    }

    mutating func results(_ slot: Int, epoch: UInt32 = 1, _ ticket: UInt64, _ count: Int) -> Range<Int>? {
      var range: Range<Int>?
      act { machine, now, actions in
        range =
          machine.resultsArrived(
            from: PoolWorker(slot: slot, epoch: epoch), ticket: ticket, count: count, now: now, &actions)?
          .range
      }
      return range
    }

    mutating func dies(
      _ slot: Int, epoch: UInt32 = 1, at task: (ticket: UInt64, index: Int)?, since: UInt64 = 0
    ) {
      act { machine, now, actions in
        machine.workerEnded(
          PoolWorker(slot: slot, epoch: epoch),
          inHand: task.map { .init(ticket: $0.ticket, index: $0.index, startedAt: since) }, now: now, &actions
        )
      }
    }

    /// What was handed out, as `slot: range`.
    var handed: [String] {
      actions.compactMap {
        if case .hand(let handing, let worker) = $0 { "\(worker.slot): \(handing.range)" } else { nil }
      }
    }
  }

  @Test func tasksGoToTheLeastLoadedWorkerUpToItsDepth() {
    var run = Run(workers: 2)
    run.ready(0)
    run.ready(1)
    run.submit(10, chunk: 2)
    #expect(run.handed == ["0: 0..<2", "1: 2..<4", "0: 4..<6", "1: 6..<8"])
    #expect(run.results(1, 2, 2) == 2..<4)
    #expect(run.handed == ["1: 8..<10"])
  }

  @Test func aWorkerThatGivesNothingBackHasOneChunkAtATime() {
    var run = Run(workers: 1)
    run.ready(0, hasPage: false)
    run.submit(4, chunk: 2)
    #expect(run.handed == ["0: 0..<2"])
    #expect(run.results(0, 1, 1) == 0..<1)
    #expect(run.handed == [])
    #expect(run.results(0, 1, 1) == 1..<2)
    #expect(run.handed == ["0: 2..<4"])
  }

  @Test func onlyTheTaskInHandIsBlamedAndItsChunkIsDoneAgain() {
    var run = Run(workers: 1)
    run.ready(0)
    run.submit(6, chunk: 6)
    #expect(run.results(0, 1, 1) == 0..<1)
    // Tasks 1 and 2 were done, but their results are lost.
    run.dies(0, at: (1, 3))
    let first = PoolWorker(slot: 0, epoch: 1)
    #expect(
      run.actions == [
        .fail(job: 1, index: 3, .died(first)), .start(PoolWorker(slot: 0, epoch: 2)),
      ])
    run.ready(0, epoch: 2)
    #expect(run.handed == ["0: 1..<3", "0: 4..<6"])
  }

  @Test func aRetriedTaskIsAloneInItsChunk() {
    var run = Run(workers: 1)
    run.ready(0)
    run.submit(3, chunk: 3, retries: 1)
    run.dies(0, at: (1, 1))
    #expect(run.actions == [.start(PoolWorker(slot: 0, epoch: 2))])
    run.ready(0, epoch: 2)
    #expect(run.handed == ["0: 1..<2", "0: 0..<1"])
    run.dies(0, epoch: 2, at: (2, 1))
    #expect(run.actions.first == .fail(job: 1, index: 1, .died(PoolWorker(slot: 0, epoch: 2))))
  }

  @Test func aTaskOverItsLimitIsEndedAndTheNextOneIsInnocent() {
    var run = Run(workers: 1)
    run.ready(0)
    run.submit(2, chunk: 2, limit: 100)
    #expect(run.machine.nextDeadline == 100_000_000)
    run.at(100)
    let task = TaskInHand(ticket: 1, index: 0, startedAt: 0)
    run.act { machine, now, actions in machine.timePassed(now: now, inHand: [task], &actions) }
    #expect(run.actions == [.kill(PoolWorker(slot: 0, epoch: 1))])
    var late = run
    run.dies(0, at: (1, 0))
    #expect(run.actions.first == .fail(job: 1, index: 0, .overdue(limit: 100_000_000)))
    // It had just ended the task when it was killed.
    #expect(late.results(0, 1, 1) == 0..<1)
    late.dies(0, at: (1, 1), since: 100_000_000)
    #expect(late.actions == [.start(PoolWorker(slot: 0, epoch: 2))])
  }

  @Test func aLimitIsCountedFromTheTasksOwnBegin() {
    var run = Run(workers: 1)
    run.ready(0)
    run.submit(2, chunk: 2, limit: 100)
    run.at(100)
    let task = TaskInHand(ticket: 1, index: 1, startedAt: 60_000_000)
    run.act { machine, now, actions in machine.timePassed(now: now, inHand: [task], &actions) }
    #expect(run.actions == [])
    #expect(run.machine.nextDeadline == 160_000_000)
  }

  @Test func startsThatFailComeMoreAndMoreApartAndThenNoMore() {
    var run = Run(workers: 1) { $0.mostFailedStarts = 3 }
    run.submit(1, chunk: 1)
    run.dies(0, at: nil)
    #expect(run.actions == [] && run.machine.nextDeadline == 10_000_000)
    run.at(10)
    run.act { machine, now, actions in machine.timePassed(now: now, inHand: [nil], &actions) }
    #expect(run.actions == [.start(PoolWorker(slot: 0, epoch: 2))])
    run.dies(0, epoch: 2, at: nil)
    #expect(run.machine.nextDeadline == 30_000_000)
    run.at(30)
    run.act { machine, now, actions in machine.timePassed(now: now, inHand: [nil], &actions) }
    run.dies(0, epoch: 3, at: nil)
    #expect(run.actions == [.abandonAll(.noWorkerStarts(PoolWorker(slot: 0, epoch: 3))), .finished])
  }

  @Test func whatWaitsBehindALongTaskIsRecalledForAFreeWorker() {
    var run = Run(workers: 2)
    run.ready(0)
    run.submit(2, chunk: 1)
    #expect(run.handed == ["0: 0..<1", "0: 1..<2"])
    run.ready(1)
    #expect(run.actions == [] && run.machine.nextDeadline == 1_000_000)
    run.at(1)
    run.act { machine, now, actions in machine.timePassed(now: now, inHand: [nil, nil], &actions) }
    #expect(run.actions == [.recall(ticket: 2, from: PoolWorker(slot: 0, epoch: 1))])
    run.act { machine, now, actions in
      machine.handingRecalled(from: PoolWorker(slot: 0, epoch: 1), ticket: 2, now: now, &actions)
    }
    #expect(run.handed == ["1: 1..<2"])
  }

  /// What was recalled still stands in its line: it gets nothing new before it has done all that it has.
  @Test func aWorkerThatGaveSomethingBackGetsNothingBeforeItHasNothing() {
    var run = Run(workers: 2)
    run.ready(0)
    run.ready(1)
    run.submit(4, chunk: 1)
    #expect(run.handed == ["0: 0..<1", "1: 1..<2", "0: 2..<3", "1: 3..<4"])
    _ = run.results(1, 2, 1)
    _ = run.results(1, 4, 1)
    run.act { machine, now, actions in
      machine.handingRecalled(from: PoolWorker(slot: 0, epoch: 1), ticket: 3, now: now, &actions)
    }
    #expect(run.handed == ["1: 2..<3"])
    run.act { machine, now, actions in
      machine.jobOpened(2)
      machine.tasksSubmitted(2, 0..<2, chunk: 1, now: now, &actions)
    }
    #expect(run.handed == ["1: 0..<1"])
    #expect(run.results(0, 1, 1) == 0..<1)
    #expect(run.handed == ["0: 1..<2"])
  }

  @Test func aWorkerIsReplacedAfterSoManyHandings() {
    var run = Run(workers: 1) { $0.mostHandings = 1 }
    run.ready(0)
    run.submit(2, chunk: 1)
    #expect(run.handed == ["0: 0..<1"])
    #expect(run.results(0, 1, 1) == 0..<1)
    #expect(run.actions == [.finish(PoolWorker(slot: 0, epoch: 1))])
    run.dies(0, at: nil)
    #expect(run.actions == [.start(PoolWorker(slot: 0, epoch: 2))])
  }

  @Test func resultsOfADeadLifeOrADroppedJobCountNoMore() {
    var run = Run(workers: 1)
    run.ready(0)
    run.submit(1, chunk: 1, retries: 1)
    run.dies(0, at: (1, 0))
    #expect(run.results(0, 1, 1) == nil)
    run.ready(0, epoch: 2)
    run.act { machine, now, actions in machine.jobDropped(1, now: now, &actions) }
    #expect(run.results(0, epoch: 2, 2, 1) == nil)
  }

  @Test func aClosedPoolEndsWhenAllIsDone() {
    var run = Run(workers: 1)
    run.ready(0)
    run.submit(1, chunk: 1)
    run.act { machine, now, actions in machine.closeRequested(now: now, &actions) }
    #expect(run.actions == [])
    _ = run.results(0, 1, 1)
    #expect(run.actions == [.finish(PoolWorker(slot: 0, epoch: 1))])
    run.dies(0, at: nil)
    #expect(run.actions == [.finished])
  }
}
