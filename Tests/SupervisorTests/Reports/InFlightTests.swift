import Delivery
import Supervisor
import Testing

struct InFlightTests {
  private let one = SlotID(stage: 0, index: 0)
  private let two = SlotID(stage: 1, index: 3)

  private func name(_ slot: SlotID) -> String { "s\(slot.stage).\(slot.index)" }

  @Test func `what sources have cut beyond their marks is in flight, and the oldest is named`() {
    let inFlight = InFlight([
      (source: one, low: 10, next: 14, since: 2_000), (source: two, low: 812, next: 822, since: 1_000),
    ])
    #expect(inFlight.batches == 14)
    #expect(inFlight.oldest == InFlight.Oldest(source: two, sequence: 812, since: 1_000))
    #expect(
      inFlight.text(now: 300_001_000, name: name)
        == "14 batches in flight, the oldest is batch 812 of s1.3, 0.30 s old")
  }

  @Test func `a source that has everything done counts nothing, however old its mark`() {
    let inFlight = InFlight([
      (source: one, low: 10, next: 10, since: 1), (source: two, low: 5, next: 6, since: 1_000),
    ])
    #expect(inFlight.batches == 1 && inFlight.oldest?.source == two)
    #expect(
      inFlight.text(now: 1_000, name: name) == "1 batch in flight, the oldest is batch 5 of s1.3, 0.00 s old")
  }

  @Test func `nothing is nothing, and a source that has not begun is no debt`() {
    #expect(InFlight([]).text(now: 0, name: name) == "nothing in flight")
    // A page of zeroes; one where the mark is written and the next batch is not yet.
    let inFlight = InFlight([
      (source: one, low: 0, next: 0, since: 0), (source: two, low: 4, next: 0, since: 0),
    ])
    #expect(inFlight.batches == 0 && inFlight.oldest == nil)
  }
}
