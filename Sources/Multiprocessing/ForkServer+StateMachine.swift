extension ForkServer {
  /// Which starts wait, which are with the server, and until when. Pure; `now` in nanoseconds of one clock.
  package struct StateMachine: Equatable {
    package enum Phase: Equatable {
      /// The preload runs. Starts wait, and their time does not run yet.
      case loading
      case ready
      case failed(String)
      case ended
    }

    /// Why a start came to nothing.
    package enum Failure: Equatable {
      case gone
      case silent
      case preload(String)
    }

    package enum Action: Equatable {
      /// Send the start to the server.
      case transmit(UInt64)
      case fail(UInt64, Failure)
      /// The server does not answer: end it.
      case kill
    }

    private struct Start: Equatable {
      var id: UInt64
      var within: UInt64
    }

    package private(set) var phase = Phase.loading
    private var waiting: [Start] = []
    private var open: [(id: UInt64, deadline: UInt64)] = []

    package static func == (a: StateMachine, b: StateMachine) -> Bool {
      a.phase == b.phase && a.waiting == b.waiting && a.open.elementsEqual(b.open, by: ==)
    }

    package init() {}

    /// The next moment at which `timePassed` has something to do.
    package var nextDeadline: UInt64? { open.lazy.map(\.deadline).min() }

    /// `within`: the nanoseconds that the server has to answer, once it is ready.
    package mutating func startRequested(id: UInt64, within: UInt64, now: UInt64) -> [Action] {
      switch phase {
      case .loading:
        waiting.append(Start(id: id, within: within))
        return []
      case .ready: return [transmit(Start(id: id, within: within), now)]
      case .failed(let text): return [.fail(id, .preload(text))]
      case .ended: return [.fail(id, .gone)]
      }
    }

    package mutating func preloadCompleted(now: UInt64) -> [Action] {
      guard phase == .loading else { return [] }
      phase = .ready
      defer { waiting = [] }
      return waiting.map { transmit($0, now) }
    }

    package mutating func preloadFailed(_ text: String) -> [Action] {
      guard phase == .loading else { return [] }
      phase = .failed(text)
      defer { waiting = [] }
      return waiting.map { .fail($0.id, .preload(text)) }
    }

    /// The server said that it started the child or that it could not.
    package mutating func startAnswered(id: UInt64) { open.removeAll { $0.id == id } }

    package mutating func ended() -> [Action] {
      if case .failed = phase {} else { phase = .ended }
      defer {
        waiting = []
        open = []
      }
      return waiting.map { .fail($0.id, .gone) } + open.map { .fail($0.id, .gone) }
    }

    /// A server that keeps one start waiting too long would keep the next waiting too: it is ended.
    package mutating func timePassed(now: UInt64) -> [Action] {
      let late = open.filter { $0.deadline <= now }
      if late.isEmpty { return [] }
      open.removeAll { $0.deadline <= now }
      return late.map { .fail($0.id, .silent) } + [.kill]
    }

    private mutating func transmit(_ start: Start, _ now: UInt64) -> Action {
      let (deadline, overflow) = now.addingReportingOverflow(start.within)
      open.append((start.id, overflow ? .max : deadline))
      return .transmit(start.id)
    }
  }
}
