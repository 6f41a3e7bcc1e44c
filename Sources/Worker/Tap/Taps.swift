import Coordination
import Delivery
import Glibc
import POSIXKit
import Records
import Stages

/// The copies that a worker sends of what passes, to those who have asked: usually nobody, which costs one
/// comparison a batch.
///
/// It never waits, and takes no more of the worker's time than its budget, all readers together. For the
/// worker's one thread.
package final class Taps {
  /// The most readers at a time; who comes later gets nothing.
  package static let most = 8

  private let slot: String
  private var taps: [Tap] = []
  private let texts = TapTexts()
  private var budget = TapBudget(now: 0)

  package init(slot: String) { self.slot = slot }

  /// Begins to send; a reader that is gone by now, or is served already, changes nothing. Returns what is wrong
  /// otherwise.
  package func start(_ order: TapOrder) -> String? {
    taps.removeAll { $0.isGone }
    if taps.contains(where: { $0.order.path == order.path }) { return nil }
    if taps.count == Self.most { return "a tap gets nothing: \(Self.most) others look already" }
    do {
      taps.append(try Tap(order, slot: slot))
      return nil
    } catch {
      return [ENOENT, ECONNREFUSED].contains(error.errno) ? nil : "a tap gets nothing: \(error)"
    }
  }

  package func end(_ path: String) {
    for tap in taps where tap.order.path == path { tap.tellDropped() }
    taps.removeAll { $0.order.path == path }
  }

  /// A batch came in and is being worked on.
  @inline(__always)
  package func input(_ batch: @autoclosure () -> BatchView) {
    if !taps.isEmpty { show(batch(), isInput: true) }
  }

  /// A batch goes out.
  @inline(__always)
  package func output(_ batch: @autoclosure () -> BatchView) {
    if !taps.isEmpty { show(batch(), isInput: false) }
  }

  /// Dead letters came in.
  @inline(__always)
  package func letters(_ batch: @autoclosure () -> BatchView, from origin: @autoclosure () -> LetterOrigin) {
    if !taps.isEmpty { show(letters: batch(), from: origin()) }
  }

  /// Nothing passes now: whoever missed something is told so.
  @inline(__always)
  package func tellDropped() { if !taps.isEmpty { for tap in taps { tap.tellDropped() } } }

  private func show(_ batch: BatchView, isInput: Bool) {
    spend { deadline in
      for tap in taps where tap.order.isInput == isInput {
        tap.take(batch.recordCount, until: deadline) { texts.append($0, of: batch, into: &$1, $2) }
      }
    }
  }

  private func show(letters batch: BatchView, from origin: LetterOrigin) {
    spend { deadline in
      for tap in taps {
        tap.take(batch.recordCount, until: deadline) {
          texts.append(letters: batch, from: origin, $0, into: &$1, $2)
        }
      }
    }
  }

  private func spend(_ body: (_ deadline: UInt64?) -> Void) {
    let started = Self.ownTime
    body(budget.allowance(now: MonotonicClock.now()))
    budget.spend(from: started, to: Self.ownTime)
    taps.removeAll { $0.isGone }
  }

  /// Nanoseconds that this thread has had a processor: what others do meanwhile is not charged to the readers.
  private static var ownTime: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
