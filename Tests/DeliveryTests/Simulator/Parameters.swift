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
  var victims: [Topology.Role] = [.source, .step, .sink]
  /// Arrival decides the batch boundaries, so each is logged before its batch is sent.
  var lingers: Bool
  var batchSize: Int
  /// Records of each source, in plan order.
  var sourceSizes: [Int]
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
    for stage in shape.topology.stages where stage.role == .source {
      sourceSizes.append(random.chance(300) ? 0 : 6 + random.below(50))
    }
  }
}
