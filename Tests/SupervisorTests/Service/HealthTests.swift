import Coordination
import Supervisor
import Testing

struct HealthTests {
  private func line(
    _ states: [StatisticsPage.State], isReady: Bool = true, isDraining: Bool = false, isEnding: Bool = false
  ) -> String {
    Health(
      isReady: isReady, isDraining: isDraining, isEnding: isEnding,
      slots: states.enumerated().map { .init(name: "s.\($0.offset)", state: $0.element) }
    ).line
  }

  @Test func `each phase has its word`() {
    #expect(line([.starting, .running], isReady: false) == "starting, 1 of 2 workers ready")
    #expect(line([.running, .running]) == "running, 2 of 2 workers ready")
    #expect(line([.running], isDraining: true) == "draining, 1 of 1 worker ready")
    #expect(line([.over, .running], isEnding: true) == "ending")
    #expect(line([.over, .over]) == "ending")
  }

  @Test func `who is missing is named, as far as that tells more`() {
    #expect(
      line([.running, .backoff]) == "degraded, 1 of 2 workers ready: s.1 waits to be restarted")
    #expect(
      line([.parked, .starting, .backoff, .backoff, .running])
        == "degraded, 1 of 5 workers ready: s.0 is parked, s.1 is starting, s.2 waits to be restarted, ...")
    #expect(
      line([.backoff, .running], isDraining: true)
        == "draining, 1 of 2 workers ready: s.0 waits to be restarted")
  }

  @Test func `who is done is not missing`() {
    #expect(line([.over, .running]) == "running, 1 of 1 worker ready")
  }
}
