import Delivery

/// What one schedule draws before it starts. Times are in ticks; a delay is uniform up to its bound.
struct Parameters: Sendable {
  var window: UInt64
  var windowBytes: Int
  var credit: Int
  var workDelay: Int
  var netDelay: Int
  var controlDelay: Int
  var bootDelay: Int
  var kills: Int
  /// Deaths per ten thousand worker steps.
  var killRate: Int
  /// Only workers of these roles are killed.
  var victims: [Topology.Role] = [.source, .step, .sink, .custody, .deadLetters]
  /// Moments at which everything dies.
  var killAllTimes: [Int]
  var drainTimes: [Int]
  /// Moments at which a worker of a balanced step is told to leave, or one that left comes back.
  var rescaleTimes: [Int]
  /// Sinks that are declared dead may run on for a while.
  var hasZombies: Bool
  /// The most records that an input grows by when everything starts anew.
  var growth: Int
  /// Arrival decides the batch boundaries, so each is logged before its batch is sent.
  var lingers: Bool
  var batchSize: Int
  /// Records of each source slot, in plan order.
  var sourceSizes: [Int]
  /// Records out of 65,536 that end the worker of a stage that has them in hand, and that it refuses.
  var poisonRate: UInt64
  var refusalRate: UInt64
  /// Kills from outside that look like a record's doing.
  var strangers: Int
  /// Workers of a stage that is over stay until everything is quiet, so that what they still hold shows.
  var staysWhenOver: Bool
  /// Whether the supervisor still reads what a worker reported before it died.
  var reportsSurvive: Bool

  init(for shape: Shape, from random: inout Generator) {
    window = UInt64(random.pick([2, 4, 8, 16]))
    windowBytes = random.pick([Int.max, Int.max, 20, 60])
    credit = random.pick([1, 2, 3])
    workDelay = random.pick([200, 1_000, 3_000])
    netDelay = random.pick([200, 1_000, 5_000])
    controlDelay = random.pick([200, 1_000, 10_000])
    bootDelay = random.pick([1_000, 10_000, 40_000])
    kills = random.pick([0, 3, 10, 30])
    killRate = random.pick([50, 200, 600])
    lingers = random.chance(5_000)
    batchSize = random.pick([1, 3, 3, 5])
    staysWhenOver = random.chance(5_000)
    reportsSurvive = random.chance(5_000)
    sourceSizes = []
    let slots = shape.sourceSlotCount
    for _ in 0..<slots { sourceSizes.append(random.chance(300) ? 0 : 3 + random.below(20 / slots + 6)) }
    let span = random.pick([20_000, 60_000, 200_000])
    func moments(_ count: Int) -> [Int] { (0..<count).map { _ in random.below(span) } }
    killAllTimes = moments(random.pick([0, 0, 1, 3]))
    drainTimes = moments(random.pick([0, 0, 1, 2]))
    rescaleTimes = shape.canRescale ? moments(random.pick([0, 2, 6])) : []
    hasZombies = random.chance(3_000)
    growth = random.pick([0, 10])
    let faults = random.below(4)
    poisonRate = faults & 1 != 0 ? random.pick([400, 1_500]) : 0
    refusalRate = faults & 2 != 0 ? random.pick([1_000, 8_000]) : 0
    strangers = random.pick([0, 1])
  }
}
