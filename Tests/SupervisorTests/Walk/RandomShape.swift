import Delivery
import Supervisor
import TestSupport

/// A random pipeline: a connected graph in a random plan order, with a restart policy per stage; some with
/// sources that never end, some with stages that keep state, some with one that keeps dead letters.
struct RandomShape {
  var topology: Topology
  var stages: [SupervisorStateMachine.Stage]
  var strategy: RestartStrategy

  init(_ random: inout SeededRandom) {
    let sources = 1 + random.below(2)
    let steps = random.below(4)
    let sinks = 1 + random.below(2)
    let count = sources + steps + sinks
    var edges: [(from: Int, to: Int)] = []
    for stage in sources..<count {
      // Sinks feed nobody.
      let candidates = Array(0..<min(stage, sources + steps))
      let first = random.pick(candidates)
      edges.append((first, stage))
      let second = random.pick(candidates)
      if random.chance(300) && second != first { edges.append((second, stage)) }
    }
    for stage in 0..<(sources + steps) where !edges.contains(where: { $0.from == stage }) {
      edges.append((stage, sources + steps + random.below(sinks)))
    }
    // Files may name stages in any order: a stage's number says nothing of its place in the flow.
    var numbers = Array(0..<count)
    numbers.shuffle(using: &random)
    let keepsLetters = random.chance(300)
    var shapes = [Topology.Stage](repeating: .init(role: .step, slots: 1), count: count)
    for stage in 0..<count {
      let middle: Topology.Role = random.chance(250) ? .custody : .step
      let role: Topology.Role = stage < sources ? .source : stage < sources + steps ? middle : .sink
      let slots = role == .step ? 1 + random.below(3) : random.chance(150) ? 2 : 1
      shapes[numbers[stage]] = .init(
        role: role, slots: slots, capacity: role == .step ? slots + random.below(3) : nil,
        merges: random.chance(600), sendsLetters: keepsLetters && random.chance(700))
    }
    if keepsLetters { shapes.append(.init(role: .deadLetters, slots: 1)) }
    topology = Topology(
      stages: shapes, edges: edges.map { (UInt16(numbers[$0.from]), UInt16(numbers[$0.to])) })
    stages = []
    for number in shapes.indices {
      stages.append(
        .init(
          name: "s\(number)", restart: Self.policy(&random),
          isEndless: shapes[number].role == .source && random.chance(150), attempts: 1 + random.below(3),
          failsOnPoison: random.chance(100), canBeReplaced: random.chance(900)))
    }
    strategy = random.chance(600) ? .oneForOne : random.chance(500) ? .restForOne : .oneForAll
  }

  private static func policy(_ random: inout SeededRandom) -> RestartPolicy {
    let kind: RestartPolicy.Kind = random.chance(10) ? .never : random.chance(100) ? .onFailure : .always
    return RestartPolicy(
      kind: kind, max: random.chance(60) ? 2 : 1_000, window: 10_000, firstBackoff: UInt64(random.below(50)),
      lastBackoff: 400, exceeded: random.chance(600) ? .park : .stop)
  }
}
