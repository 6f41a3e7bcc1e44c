import Multiprocessing
import POSIXKit

/// The part of the log that a person follows: goes to the process that draws progress, and to standard error
/// without one.
///
/// The supervisor never draws and never waits for a terminal: a slow one costs records, which are counted, and
/// a dead drawer costs the drawing only.
package final class Narrator: LogDestination {
  private var drawer: StartedProcess?
  private let output: LineOutput
  private var dropped = 0
  private var isClosed = false

  /// Takes over the drawing process, which gets each record as a message and ends when the channel does.
  /// `standardError` is lent.
  package init(drawer: consuming StartedProcess?, standardError: Int32 = 2) {
    self.drawer = drawer
    output = LineOutput(standardError)
  }

  package func write(_ text: String) {
    if isClosed { return }
    if drawer != nil {
      do throws(ControlError) {
        try drawer!.send(Array(text.utf8))
        return
      } catch .full {
        dropped += 1
        return
      } catch {}
    }
    output.write(text)
  }

  package func watch(in poller: inout Poller, token: Int) {
    if drawer != nil { drawer!.watch(in: &poller, token: token) }
    output.watch(in: &poller, token: token)
  }

  package func proceed() throws(SystemCallError) {
    output.flush()
    guard drawer != nil else { return }
    for fact in try drawer!.facts() {
      if case .exited = fact { drawer = nil }
    }
  }

  /// Lets the drawer finish and waits for it. What is written afterwards goes nowhere.
  package func close() {
    if isClosed { return }
    isClosed = true
    let deadline = MonotonicClock.deadline(after: .seconds(1))
    if drawer != nil {
      drawer!.closeControl()
      while drawer != nil, MonotonicClock.now() < deadline {
        var poller = Poller()
        drawer!.watch(in: &poller, token: 0)
        guard (try? poller.wait(until: deadline)) != nil, (try? proceed()) != nil else { break }
      }
      drawer = nil
    }
    output.close(dropped: dropped, until: deadline)
  }
}
