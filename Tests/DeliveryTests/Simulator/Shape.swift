import Delivery

/// A named topology that schedules are drawn for. Its stages stand in topological order.
struct Shape: Sendable, CustomStringConvertible {
  let name: String
  let stageNames: [String]
  let topology: Topology
  let slots: [SlotID]
  /// Per slot: the streams that reach it, where it is ordered.
  let mergeInputs: [[MergeInput]]
  /// Per stage, what it must hand to its machine.
  let needs: [(whole: Bool, empty: Bool, keyed: [UInt16])]

  init(_ name: String, stageNames: [String], topology: Topology) {
    self.name = name
    self.stageNames = stageNames
    self.topology = topology
    let stages = topology.stages.indices.map { UInt16($0) }
    slots = stages.flatMap { topology.slots(of: $0) }
    mergeInputs = slots.map {
      topology.stages[Int($0.stage)].role.isOrdered ? topology.mergeOrder(of: $0) : []
    }
    needs = stages.map { topology.needs(of: $0) }
  }

  init(
    _ name: String, _ stages: [(String, Topology.Stage)], _ edges: [(String, String)]
  ) {
    let names = stages.map(\.0)
    func index(_ name: String) -> UInt16 { UInt16(names.firstIndex(of: name)!) }
    self.init(
      name, stageNames: names,
      topology: Topology(stages: stages.map(\.1), edges: edges.map { (index($0.0), index($0.1)) }))
  }

  private init(
    _ name: String, _ stages: [(String, Topology.Role, Int)], _ edges: [(String, String)]
  ) {
    self.init(name, stages.map { ($0.0, Topology.Stage(role: $0.1, slots: $0.2)) }, edges)
  }

  var sourceSlotCount: Int { slots.count { role(of: $0) == .source } }
  var canRescale: Bool {
    topology.stages.contains { $0.role == .step && $0.input == .balanced && $0.slots > 1 }
  }

  func role(of slot: SlotID) -> Topology.Role { topology.stages[Int(slot.stage)].role }

  var description: String {
    let stages = zip(stageNames, topology.stages).map { name, stage in
      let below = stage.downstream.map { stageNames[Int($0)] }.joined(separator: " ")
      return "\(name): \(stage.role) x\(stage.slots) \(stage.input)\(stage.merges ? "" : " any order")"
        + "\(stage.sendsLetters ? " letters" : "")\(below.isEmpty ? "" : " -> " + below)"
    }
    return "\(name) { \(stages.joined(separator: "; ")) }"
  }

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

  /// Steps and sinks that lose records to the keeper of dead letters.
  static let letters = Shape(
    "letters",
    [
      ("src", .init(role: .source, slots: 2)),
      ("a", .init(role: .step, slots: 3, sendsLetters: true)),
      ("o1", .init(role: .sink, slots: 1, sendsLetters: true)),
      ("o2", .init(role: .sink, slots: 2, input: .keyed, merges: false, sendsLetters: true)),
      ("dead", .init(role: .deadLetters, slots: 1)),
    ],
    [("src", "a"), ("a", "o1"), ("a", "o2")])

  /// Two stages with custody, one below the other and side by side with a plain path.
  static let custody = Shape(
    "custody",
    [
      ("src", .source, 1), ("c", .custody, 2), ("a", .step, 2), ("d", .custody, 2), ("out", .sink, 1),
    ],
    [("src", "c"), ("c", "a"), ("a", "d"), ("src", "d"), ("d", "out"), ("a", "out")])

  /// A stage with custody that merges two sources of different length, one of them by two paths, and loses
  /// records.
  static let merging = Shape(
    "merging",
    [
      ("s1", .init(role: .source, slots: 1)), ("s2", .init(role: .source, slots: 2)),
      ("a", .init(role: .step, slots: 2)),
      ("c", .init(role: .custody, slots: 2, input: .keyed, sendsLetters: true)),
      ("out", .init(role: .sink, slots: 1)), ("dead", .init(role: .deadLetters, slots: 1)),
    ],
    [("s1", "c"), ("s2", "a"), ("s2", "c"), ("a", "c"), ("c", "out")])

  static let all = [linear, two, diamond, fan, fanin, selfDiamond, letters, custody, merging]

  static func named(_ name: String) -> Shape? {
    if let shape = all.first(where: { $0.name == name }) { return shape }
    guard name.hasPrefix("random-"), let seed = UInt64(name.dropFirst(7)) else { return nil }
    return random(seed)
  }
}
