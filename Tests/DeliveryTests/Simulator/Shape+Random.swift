import Delivery

extension Shape {
  /// A pipeline that is drawn: sources, steps and sinks with any input that their role allows, each step
  /// below one or two of those before it, whatever nobody reads below a sink.
  static func random(_ seed: UInt64) -> Shape {
    var random = Generator(seed: seed ^ 0x70B0_1061)
    while true {
      let shape = draw("random-\(seed)", from: &random)
      let streams = shape.mergeInputs.map(\.count).max() ?? 0
      if streams <= 8 && shape.slots.count <= 12 { return shape }
    }
  }

  private static func draw(_ name: String, from random: inout Generator) -> Shape {
    let keepsLetters = random.chance(5_000)
    func slots() -> Int { random.pick([1, 1, 2, 2, 3]) }
    func sendsLetters() -> Bool { keepsLetters && random.chance(6_000) }
    var stages: [(String, Topology.Stage)] = []
    var edges: [(UInt16, UInt16)] = []
    for index in 0..<random.pick([1, 1, 2, 3]) {
      stages.append(
        ("s\(index)", .init(role: .source, slots: random.pick([1, 1, 2]), sendsLetters: sendsLetters())))
    }
    func connect(upstreams: Int) {
      var candidates = Array(stages.indices.filter { stages[$0].1.role != .sink })
      for _ in 0..<min(upstreams, candidates.count) {
        let chosen = candidates.remove(at: random.below(candidates.count))
        edges.append((UInt16(chosen), UInt16(stages.count)))
      }
    }
    for index in 0..<random.pick([0, 1, 1, 2, 3, 4]) {
      connect(upstreams: random.pick([1, 1, 2]))
      if random.chance(1_500) {
        let input: Topology.Input = random.pick([.spread, .keyed])
        stages.append(
          (
            "c\(index)",
            .init(
              role: .custody, slots: random.pick([1, 2]), input: input, merges: random.chance(5_000),
              sendsLetters: sendsLetters())
          ))
        continue
      }
      let input: Topology.Input = random.pick([.balanced, .balanced, .balanced, .keyed, .spread])
      stages.append(
        ("t\(index)", .init(role: .step, slots: slots(), input: input, sendsLetters: sendsLetters())))
    }
    let sinks = random.pick([1, 1, 2])
    for index in 0..<sinks {
      connect(upstreams: random.pick([1, 1, 2, 3]))
      if index == sinks - 1 {
        for other in stages.indices where stages[other].1.role != .sink {
          if edges.contains(where: { $0.0 == UInt16(other) }) { continue }
          edges.append((UInt16(other), UInt16(stages.count)))
        }
      }
      stages.append(
        (
          "o\(index)",
          .init(
            role: .sink, slots: slots(), input: random.pick([.spread, .keyed]),
            merges: random.chance(6_000), sendsLetters: sendsLetters())
        ))
    }
    if stages.contains(where: { $0.1.sendsLetters }) {
      stages.append(("dead", .init(role: .deadLetters, slots: 1)))
    }
    return Shape(
      name, stageNames: stages.map(\.0), topology: Topology(stages: stages.map(\.1), edges: edges))
  }
}
