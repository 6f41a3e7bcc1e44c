import Multiprocessing
import POSIXKit

extension PoolCore {
  /// Nothing of the pool is left after this.
  func shut() {
    for seat in seats {
      // Only where a worker did not end in time: it is killed with its handle.
      if let seat { transport?.forget(seat.plan) }
    }
    seats = Array(repeating: nil, count: seats.count)
    if let server = starter.server {
      // It still has to reap what has ended.
      server.finish()
      if !waitForEnd(of: server, within: .seconds(2)) {
        server.kill()
        _ = waitForEnd(of: server, within: .seconds(5))
      }
    }
    transport = nil
  }

  private func waitForEnd(of server: ForkServer, within limit: Duration) -> Bool {
    let deadline = MonotonicClock.deadline(after: limit)
    while !server.hasEnded && MonotonicClock.now() < deadline {
      poller.removeAll()
      server.watch(in: &poller, token: Token.server)
      guard (try? poller.wait(until: deadline)) != nil, (try? server.facts()) != nil else { return false }
    }
    return server.hasEnded
  }
}
