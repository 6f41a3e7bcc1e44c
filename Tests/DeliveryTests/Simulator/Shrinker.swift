import Delivery

/// Makes a failing schedule small: fewer records, deaths, disturbances, slots and stages, for as long as it
/// fails in the same way.
///
/// Whatever is taken away changes all that is drawn after it, so a number of seeds is tried for each.
struct Shrinker {
  /// A schedule and what it must not exceed.
  struct Case {
    var shape: Shape
    var seed: UInt64
    var limits: Limits
  }

  struct Limits {
    var records = Int.max
    var kills = Int.max
    var window = UInt64.max
    var killAlls = Int.max
    var drains = Int.max
    var rescales = Int.max
    var hasZombies = true
    var lingers = true
    var hasPoison = true
    var hasRefusals = true
    var staysWhenOver = true

    func apply(to parameters: inout Parameters) {
      parameters.sourceSizes = parameters.sourceSizes.map { min($0, records) }
      parameters.kills = min(parameters.kills, kills)
      parameters.window = min(parameters.window, window)
      parameters.killAllTimes = Array(parameters.killAllTimes.prefix(killAlls))
      parameters.drainTimes = Array(parameters.drainTimes.prefix(drains))
      parameters.rescaleTimes = Array(parameters.rescaleTimes.prefix(rescales))
      if !hasZombies { parameters.hasZombies = false }
      if !lingers { parameters.lingers = false }
      if !hasPoison { parameters.poisonRate = 0 }
      if !hasRefusals { parameters.refusalRate = 0 }
      if !staysWhenOver { parameters.staysWhenOver = false }
    }
  }

  let wrong: WrongRule?
  let kind: String
  private(set) var smallest: Case
  private(set) var runs = 0
  private let runLimit: Int
  private static let seedsPerStep: UInt64 = 60

  init(shape: Shape, seed: UInt64, wrong: WrongRule?, kind: String, runLimit: Int = 6_000) {
    self.wrong = wrong
    self.kind = kind
    self.runLimit = runLimit
    smallest = Case(shape: shape, seed: seed, limits: Limits())
  }

  /// Tries to take away one thing after the other until nothing can go.
  mutating func shrink() {
    var improved = true
    while improved && runs < runLimit {
      improved = false
      for candidate in candidates where runs < runLimit {
        if let seed = failingSeed(of: candidate) {
          smallest = candidate
          smallest.seed = seed
          improved = true
          break
        }
      }
    }
  }

  /// What happened in the smallest case, and how it failed.
  func trace() -> (lines: [String], failure: String) {
    let simulation = simulation(of: smallest, seed: smallest.seed)
    simulation.trace = []
    do { try simulation.run() } catch { return (simulation.trace ?? [], "\(error)") }
    return (simulation.trace ?? [], "it did not fail again")
  }

  func parameters() -> Parameters { simulation(of: smallest, seed: smallest.seed).parameters }

  private func simulation(of candidate: Case, seed: UInt64) -> Simulation {
    Simulation(shape: candidate.shape, seed: seed, wrong: wrong, adjust: candidate.limits.apply(to:))
  }

  private mutating func failingSeed(of candidate: Case) -> UInt64? {
    for offset in 0..<Self.seedsPerStep where runs < runLimit {
      let seed = candidate.seed &+ offset
      runs += 1
      do { try simulation(of: candidate, seed: seed).run() } catch let failure as Failure {
        if failure.kind == kind { return seed }
      } catch {}
    }
    return nil
  }

  private var candidates: [Case] {
    let parameters = parameters()
    var found: [Case] = []
    func limit(if isWorthwhile: Bool, _ change: (inout Limits) -> Void) {
      if !isWorthwhile { return }
      var candidate = smallest
      change(&candidate.limits)
      found.append(candidate)
    }
    for shape in smallest.shape.smaller {
      var candidate = smallest
      candidate.shape = shape
      found.append(candidate)
    }
    let records = parameters.sourceSizes.max() ?? 0
    limit(if: records > 1) { $0.records = records / 2 }
    limit(if: !parameters.killAllTimes.isEmpty) { $0.killAlls = parameters.killAllTimes.count - 1 }
    limit(if: !parameters.drainTimes.isEmpty) { $0.drains = parameters.drainTimes.count - 1 }
    limit(if: !parameters.rescaleTimes.isEmpty) { $0.rescales = 0 }
    limit(if: parameters.kills > 0) { $0.kills = min(parameters.kills / 2, 8) }
    limit(if: parameters.kills > 0) { $0.kills = parameters.kills - 1 }
    limit(if: parameters.hasZombies) { $0.hasZombies = false }
    limit(if: parameters.poisonRate > 0) { $0.hasPoison = false }
    limit(if: parameters.refusalRate > 0) { $0.hasRefusals = false }
    limit(if: parameters.lingers) { $0.lingers = false }
    limit(if: parameters.staysWhenOver) { $0.staysWhenOver = false }
    limit(if: parameters.window > 2) { $0.window = parameters.window / 2 }
    limit(if: records > 1) { $0.records = records - 1 }
    return found
  }
}

extension Shape {
  /// This shape less one stage, or with one slot less at one.
  var smaller: [Shape] {
    var found: [Shape] = []
    for removed in topology.stages.indices {
      let kept = topology.stages.indices.filter { $0 != removed }
      if let shape = with(kept, slots: topology.stages.map(\.slots)) { found.append(shape) }
    }
    for stage in topology.stages.indices where topology.stages[stage].slots > 1 {
      var slots = topology.stages.map(\.slots)
      slots[stage] -= 1
      if let shape = with(Array(topology.stages.indices), slots: slots) { found.append(shape) }
    }
    return found
  }

  /// Nil if somebody would be left without input or readers.
  private func with(_ kept: [Int], slots: [Int]) -> Shape? {
    let hasKeeper = kept.contains { topology.stages[$0].role == .deadLetters }
    let stages = kept.map { index in
      let stage = topology.stages[index]
      return Topology.Stage(
        role: stage.role, slots: slots[index], input: stage.input, merges: stage.merges,
        sendsLetters: stage.sendsLetters && hasKeeper)
    }
    var edges: [(UInt16, UInt16)] = []
    for (position, index) in kept.enumerated() {
      for next in topology.stages[index].downstream {
        if let other = kept.firstIndex(of: Int(next)) { edges.append((UInt16(position), UInt16(other))) }
      }
    }
    let smaller = Topology(stages: stages, edges: edges)
    let isWhole = smaller.stages.allSatisfy { stage in
      let reads = stage.role == .source || !stage.upstream.isEmpty
      return reads && (stage.role == .sink || stage.role == .deadLetters || !stage.downstream.isEmpty)
    }
    if !isWhole || !stages.contains(where: { $0.role == .sink }) { return nil }
    return Shape("\(name)-", stageNames: kept.map { stageNames[$0] }, topology: smaller)
  }
}
