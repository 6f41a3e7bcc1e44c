import Multiprocessing
import POSIXKit
import ZeroMQ

extension PoolCore {
  func lookAround() throws {
    try transport?.answerHandshakes()
    if let server = starter.server {
      for fact in try server.facts() {
        if case .output(.standardError, let bytes) = fact { StandardStreams.write(toError: bytes) }
      }
    }
    for index in seats.indices {
      guard let seat = seats[index], seat.ended == nil else { continue }
      try takeFacts(of: seat)
    }
    _ = try receive()
  }

  private func takeFacts(of seat: WorkerSeat) throws {
    for fact in try seat.process.facts() {
      switch fact {
      case .output(.standardError, let bytes): seat.tail.append(bytes)
      case .exited(let status, _):
        seat.tail.finish()
        // What it had sent is on its way; what it had not is lost.
        seat.ended = (status, now + (seat.page == nil ? 100_000_000 : 20_000_000))
      case .startFailed(let error):
        lastEnds[seat.worker.slot] = (seat.worker.epoch, nil, [], "\(error)")
        end(seat)
      case .started, .message, .output, .controlClosed, .controlFailed: break
      }
    }
  }

  func passTime() {
    guard let deadline = machine.nextDeadline, deadline <= now else { return }
    let inHand = seats.map { $0?.page?.inHand }
    act { machine, now, actions in machine.timePassed(now: now, inHand: inHand, &actions) }
  }

  func settle() {
    for index in seats.indices {
      guard let seat = seats[index], let ended = seat.ended, seat.isSettled(now) else { continue }
      lastEnds[index] = (seat.worker.epoch, ended.status, seat.tail.last, "")
      end(seat)
    }
  }

  private func end(_ seat: WorkerSeat) {
    let inHand = seat.page?.inHand
    transport?.forget(seat.plan)
    seats[seat.worker.slot] = nil
    act { machine, now, actions in
      machine.workerEnded(seat.worker, inHand: inHand, now: now, &actions)
    }
  }

  func take(_ message: consuming Message) {
    let message = message
    var reader = MessageReader(message.bytes)
    guard let kind = reader.next(UInt32.self), let slot = reader.next(UInt32.self),
      let epoch = reader.next(UInt32.self), Int(slot) < seats.count, let seat = seats[Int(slot)],
      seat.worker.epoch == epoch
    else { return }
    seat.received += 1
    switch kind {
    case PoolMessage.Report.ready: becomeReady(seat)
    case PoolMessage.Report.results:
      while let ticket = reader.next(UInt64.self), let count = reader.next(UInt32.self),
        let form = reader.next(UInt32.self)
      {
        take(seat, ticket, Int(count), form, &reader)
      }
    default: break
    }
  }

  private func becomeReady(_ seat: WorkerSeat) {
    do {
      if seat.outbox == nil { seat.outbox = try transport!.connect(seat.plan) }
    } catch {
      // The machine ends and replaces it when its time to become ready is over.
      StandardStreams.say("A worker of the pool '\(name)' is out of reach: \(error)")
      return
    }
    act { machine, now, actions in
      machine.workerReady(seat.worker, hasPage: seat.page != nil, now: now, &actions)
    }
  }

  private func take(
    _ seat: WorkerSeat, _ ticket: UInt64, _ count: Int, _ form: UInt32, _ reader: inout MessageReader
  ) {
    var ended: PoolHanding?
    act { machine, now, actions in
      ended = machine.resultsArrived(
        from: seat.worker, ticket: ticket, count: count, now: now, &actions)
    }
    guard let ended, let job = job(ended.job) else {
      return PoolMessage.skip(count, form, &reader)
    }
    job.take(ended.range, form: form, &reader)
    noteProgress(of: job)
  }
}

extension PoolMessage {
  /// Passes by what nobody waits for.
  fileprivate static func skip(_ count: Int, _ form: UInt32, _ reader: inout MessageReader) {
    if form != Form.each {
      _ = reader.field()
      return
    }
    for _ in 0..<count where reader.outcome() == nil { return }
  }
}
