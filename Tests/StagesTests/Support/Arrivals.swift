import Glibc
import POSIXKit
import PipelineFile
import Records
import Stages
import Testing

/// A source whose input grows, and what its worker keeps for the next incarnation.
final class Arrivals {
  private(set) var source: any ArrivalSource
  private(set) var cuts: [Cut] = []
  private(set) var hasEnded = false
  private let make: () throws -> any ArrivalSource

  init(_ make: @escaping () throws -> any ArrivalSource) throws {
    self.make = make
    source = try make()
  }

  var mark: InputMark { cuts.last?.end ?? InputMark() }

  /// All that was cut so far.
  var text: String { cuts.map(\.batch.text).joined() }

  /// The next batch, or nil when the source has ended or waits for its input.
  @discardableResult
  func next() throws -> Cut? {
    while true {
      var buffer = BatchBuffer(headroom: 0, capacity: 0)
      var errors = RecordErrors(policy: .fail, worker: "read.0")
      switch try source.cut(at: mark, headroom: Cutting.headroom, into: &buffer, errors: &errors) {
      case .batch(let batch):
        try source.keep(before: batch.end)
        cuts.append(Cutting.own(batch, source, buffer, mark))
        return cuts.last
      case .end:
        hasEnded = true
        return nil
      case .wait(_, nil): return nil
      case .wait(let descriptor, let until):
        var poller = Poller()
        if let descriptor { poller.watch(descriptor, token: 0) }
        _ = try poller.wait(until: until)
      }
    }
  }

  /// Cuts whatever there is.
  func drain() throws { while try next() != nil {} }

  /// Waits until something may have come.
  func waitForInput() throws {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    var errors = RecordErrors(policy: .fail, worker: "read.0")
    guard
      case .wait(let descriptor?, nil) = try source.cut(
        at: mark, headroom: 0, into: &buffer, errors: &errors)
    else { return }
    let came = try Poller.wait(for: descriptor, until: MonotonicClock.deadline(after: .seconds(10)))
    #expect(came, "nothing came")
  }

  /// A new incarnation, which has to cut again what was cut from a batch on.
  func restart(from first: Int? = nil) throws {
    source = try make()
    for cut in cuts[(first ?? cuts.count)...] { #expect(try again(cut) == cut) }
  }

  func again(_ cut: Cut) throws -> Cut {
    var buffer = BatchBuffer(headroom: 0, capacity: 0)
    var errors = RecordErrors(policy: .fail, worker: "read.0")
    let batch = try source.cutAgain(
      at: cut.start, to: cut.end, headroom: Cutting.headroom, into: &buffer, errors: &errors)
    return Cutting.own(batch, source, buffer, cut.start)
  }
}
