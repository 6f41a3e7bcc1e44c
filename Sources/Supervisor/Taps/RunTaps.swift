import Control
import Coordination
import Delivery

/// Who looks at which stage of a run: what its workers are told, those that start later too.
///
/// A value without effects; the supervisor sends what it answers.
package struct RunTaps: Sendable {
  /// The most at a time; a worker serves as many.
  package static let most = 8

  private struct Entry: Sendable {
    var stage: UInt16
    var order: TapOrder
  }

  private var entries: [Entry] = []

  package init() {}

  /// Begins a tap. `stages`: names and roles by number. Nil where it is accepted; otherwise why not, and what
  /// would be right. The workers of the stage that are ready are then to be sent ``orders(ofStage:)``: who has
  /// one already takes no notice.
  package mutating func begin(
    _ request: TapRequest, stages: [(name: String, role: Topology.Role)], socketFolder: String
  ) -> String? {
    guard let stage = stages.firstIndex(where: { $0.name == request.stage }) else {
      return "there is no stage '\(request.stage)'; there are \(stages.map(\.name).joined(separator: ", "))"
    }
    // Workers write to it: nobody may point them elsewhere.
    guard request.path.hasPrefix(socketFolder + "/tap-"),
      !request.path.dropFirst(socketFolder.count + 1).contains("/")
    else { return "a tap's socket is to be bound in \(socketFolder), and its name to begin with tap-" }
    switch stages[stage].role {
    case .source where request.isInput:
      return "\(request.stage) is a source: look at what goes out"
    case .sink where !request.isInput, .deadLetters where !request.isInput:
      return "nothing goes out of \(request.stage): look at what comes in"
    default: break
    }
    if entries.contains(where: { $0.order.path == request.path }) {
      return "\(request.path) is served already; a tap needs a socket of its own"
    }
    if entries.count == Self.most { return "\(Self.most) taps are open, which is the most; end one" }
    entries.append(
      Entry(
        stage: UInt16(stage),
        order: TapOrder(isInput: request.isInput, sample: max(1, request.sample), path: request.path)))
    return nil
  }

  /// Ends a tap and returns the stage whose ready workers are to be told so; nil where there was none.
  package mutating func end(_ path: String) -> UInt16? {
    guard let index = entries.firstIndex(where: { $0.order.path == path }) else { return nil }
    return entries.remove(at: index).stage
  }

  /// What a worker of the stage is told once it is ready.
  package func orders(ofStage stage: UInt16) -> [SupervisorMessage] {
    entries.isEmpty ? [] : entries.filter { $0.stage == stage }.map { .tap($0.order) }
  }
}
