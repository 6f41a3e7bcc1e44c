import Glibc
import Multiprocessing
import POSIXKit

/// Where the supervisor's words go: to the process that draws progress, and to standard error without one.
///
/// The supervisor never draws and never waits for a terminal: a slow one costs lines, which are counted, and
/// a dead drawer costs the drawing only.
package final class Narrator {
  private var drawer: ChildProcess?
  private var dropped = 0

  /// Takes over the drawing process, which gets each line as a message and ends when the channel does.
  package init(drawer: consuming ChildProcess?) { self.drawer = drawer }

  package func say(_ line: String) {
    if drawer != nil {
      do throws(ControlError) {
        try drawer!.send(Array(line.utf8))
        return
      } catch .full {
        dropped += 1
        return
      } catch {}
    }
    write(line)
  }

  func watch(in poller: inout Poller, token: Int) {
    if drawer != nil { drawer!.watch(in: &poller, token: token) }
  }

  func readFacts() throws(SystemCallError) {
    guard drawer != nil else { return }
    for fact in try drawer!.facts() {
      if case .exited = fact { drawer = nil }
    }
  }

  /// Lets the drawer finish and waits for it, at most a second.
  package func close() {
    guard drawer != nil else { return }
    drawer!.closeControl()
    let deadline = MonotonicClock.deadline(after: .seconds(1))
    while drawer != nil, MonotonicClock.now() < deadline {
      var poller = Poller()
      drawer!.watch(in: &poller, token: 0)
      guard (try? poller.wait(until: deadline)) != nil, (try? readFacts()) != nil else { break }
    }
    drawer = nil
    if dropped > 0 { write("(\(dropped) lines were dropped: the terminal was too slow)") }
  }

  private func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress! + sent, bytes.count - sent) }
      if count > 0 {
        sent += count
      } else if errno != EINTR {
        return
      }
    }
  }
}
