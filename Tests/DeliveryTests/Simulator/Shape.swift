import Delivery
import Testing

/// A named topology that schedules are drawn for. Its stages stand in topological order.
struct Shape: Sendable, CustomTestStringConvertible {
  let name: String
  let stageNames: [String]
  let topology: Topology

  private init(
    _ name: String, _ stages: [(String, Topology.Role, Int)], _ edges: [(String, String)]
  ) {
    let names = stages.map(\.0)
    func index(_ name: String) -> UInt16 { UInt16(names.firstIndex(of: name)!) }
    self.name = name
    stageNames = names
    topology = Topology(
      stages: stages.map { (role: $0.1, slots: $0.2) },
      edges: edges.map { (index($0.0), index($0.1)) })
  }

  var testDescription: String { name }

  static let linear = Shape(
    "linear", [("src", .source, 1), ("a", .step, 2), ("out", .sink, 1)], [("src", "a"), ("a", "out")])

  static let two = Shape(
    "two", [("src", .source, 1), ("a", .step, 2), ("b", .step, 3), ("out", .sink, 1)],
    [("src", "a"), ("a", "b"), ("b", "out")])

  static let diamond = Shape(
    "diamond",
    [("src", .source, 1), ("a", .step, 2), ("b", .step, 2), ("c", .step, 2), ("out", .sink, 1)],
    [("src", "a"), ("src", "b"), ("a", "c"), ("b", "c"), ("a", "out"), ("c", "out")])

  static let fan = Shape(
    "fan", [("src", .source, 1), ("a", .step, 2), ("o1", .sink, 1), ("o2", .sink, 1)],
    [("src", "a"), ("a", "o1"), ("a", "o2")])

  /// Two sources of different length that share a step, so one ledger holds equal sequences of two origins.
  static let fanin = Shape(
    "fanin",
    [("s1", .source, 1), ("s2", .source, 1), ("a", .step, 2), ("b", .step, 2), ("out", .sink, 1)],
    [("s1", "a"), ("s2", "a"), ("s2", "b"), ("a", "out"), ("b", "out")])

  static let selfDiamond = Shape(
    "selfdiamond", [("src", .source, 1), ("a", .step, 2), ("out", .sink, 1)],
    [("src", "a"), ("src", "out"), ("a", "out")])

  static let all = [linear, two, diamond, fan, fanin, selfDiamond]

  static func named(_ name: String) -> Shape? { all.first { $0.name == name } }
}
