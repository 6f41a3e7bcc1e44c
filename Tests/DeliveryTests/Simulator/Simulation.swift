import Delivery

/// One schedule: the real machines in simulated workers, under one seed.
///
/// Whatever a process could see differently in another run (delays, deaths, what is lost with the dead,
/// the choice between a message and work) is drawn from one generator, in one order.
final class Simulation {
  let shape: Shape
  let wrong: WrongRule?
  let parameters: Parameters
  var random: Generator
  private(set) var now = 0
  private(set) var eventCount = 0
  private(set) var killCount = 0
  private var queue = EventQueue()
  private var channels: [Channel] = []
  private(set) var workers: [Worker] = []
  var contents = Contents()

  /// What survives, per stage: every source and sink has one slot.
  var sources: [SourceStore]
  var sinks: [SinkStore]
  let sourceSizes: [Int]
  /// The batches as they were first cut, per origin stage.
  private(set) var cuts: [[Range<Int>]]

  let slots: [SlotID]
  private let firstSlot: [Int]
  /// The newest worker of each slot that has not been reaped.
  var live: [Worker?]
  var epochs: [UInt32]
  /// Channels from the supervisor, by worker.
  private var controlChannels: [Int?] = []

  var lastSequences: [UInt64?]
  var isComplete: [Bool]
  var isFlushing: [Bool]
  var isOver: [Bool]

  init(shape: Shape, seed: UInt64, wrong: WrongRule? = nil, adjust: (inout Parameters) -> Void = { _ in }) {
    self.shape = shape
    self.wrong = wrong
    random = Generator(seed: seed)
    var parameters = Parameters(for: shape, from: &random)
    adjust(&parameters)
    self.parameters = parameters
    let stages = shape.topology.stages
    var slots: [SlotID] = []
    var firstSlot: [Int] = []
    var sizes: [Int] = []
    var drawn = parameters.sourceSizes.makeIterator()
    for (index, stage) in stages.enumerated() {
      firstSlot.append(slots.count)
      for slot in 0..<stage.slots { slots.append(SlotID(stage: UInt16(index), index: UInt16(slot))) }
      sizes.append(stage.role == .source ? drawn.next()! : 0)
    }
    self.slots = slots
    self.firstSlot = firstSlot
    sourceSizes = sizes
    sources = Array(repeating: SourceStore(), count: stages.count)
    sinks = Array(repeating: SinkStore(), count: stages.count)
    cuts = Array(repeating: [], count: stages.count)
    live = Array(repeating: nil, count: slots.count)
    epochs = Array(repeating: 0, count: slots.count)
    lastSequences = Array(repeating: nil, count: stages.count)
    isComplete = Array(repeating: false, count: slots.count)
    isFlushing = Array(repeating: false, count: stages.count)
    isOver = Array(repeating: false, count: stages.count)
  }

  var isFinished: Bool { !isOver.contains(false) }

  func index(of slot: SlotID) -> Int { firstSlot[Int(slot.stage)] + Int(slot.index) }

  func name(_ incarnation: Incarnation) -> String {
    "\(shape.stageNames[Int(incarnation.slot.stage)]).\(incarnation.slot.index)#\(incarnation.epoch)"
  }

  /// Runs until nothing is left to happen, then asks the oracle.
  func run(eventLimit: Int = 200_000) throws {
    for slot in slots.indices { spawn(slot) }
    while let (time, event) = queue.popFirst() {
      now = time
      eventCount += 1
      if eventCount > eventLimit { throw Failure("endless", "event limit reached: \(state)") }
      try happen(event)
    }
    if !isFinished { throw Failure("stuck", state) }
    try check()
  }

  private func happen(_ event: Event) throws {
    switch event {
    case .step(let number):
      let worker = workers[number]
      worker.isScheduled = false
      if !worker.isAlive { return }
      try worker.step()
      killAtRandom(after: worker)
      kick(worker)
    case .arrive(let channel):
      guard let message = channels[channel].receive() else { return }
      let worker = workers[channels[channel].receiver]
      if !worker.isAlive { return }
      worker.enqueue(message)
      kick(worker)
    case .reap(let worker): reap(workers[worker])
    case .spawn(let slot): spawn(slot)
    case .announce(let worker): announce(workers[worker])
    case .report(let report, let worker): try handle(report, from: workers[worker])
    }
  }

  func schedule(_ event: Event, within delay: Int) {
    queue.add(event, at: now + random.below(max(1, delay)))
  }

  func kick(_ worker: Worker) {
    if !worker.isAlive || worker.isScheduled || !worker.isBusy { return }
    worker.isScheduled = true
    schedule(.step(worker: worker.number), within: parameters.workDelay)
  }

  func add(_ worker: Worker) {
    workers.append(worker)
    controlChannels.append(nil)
    live[index(of: worker.incarnation.slot)] = worker
    kick(worker)
  }

  /// The first cut of a sequence is the truth; every later one must be the same.
  func noteCut(_ range: Range<Int>, sequence: UInt64, stage: UInt16) throws {
    let index = Int(sequence) - 1
    if index == cuts[Int(stage)].count {
      cuts[Int(stage)].append(range)
    } else if index > cuts[Int(stage)].count || cuts[Int(stage)][index] != range {
      throw Failure("recut", "\(shape.stageNames[Int(stage)]) cut sequence \(sequence) differently: \(range)")
    }
  }

  /// Sends to an endpoint; a message to one that is gone is lost.
  func send(_ message: Message, from sender: Worker, to receiver: Incarnation) {
    guard let worker = live[index(of: receiver.slot)], worker.incarnation == receiver else { return }
    let channel: Int
    if let known = sender.channels.first(where: { $0.receiver == worker.number }) {
      channel = known.channel
    } else {
      channel = channels.count
      channels.append(Channel(receiver: worker.number))
      sender.channels.append((worker.number, channel))
    }
    transmit(message, on: channel, delay: parameters.netDelay)
  }

  /// Sends from the supervisor to whoever lives in the slot.
  func control(_ message: Message, to slot: Int) {
    guard let worker = live[slot] else { return }
    if controlChannels[worker.number] == nil {
      controlChannels[worker.number] = channels.count
      channels.append(Channel(receiver: worker.number))
    }
    transmit(message, on: controlChannels[worker.number]!, delay: parameters.controlDelay)
  }

  private func transmit(_ message: Message, on channel: Int, delay: Int) {
    let arrival = channels[channel].send(message, arrivingAt: now + random.below(delay))
    queue.add(.arrive(channel: channel), at: arrival)
  }

  func report(_ report: Report, from worker: Worker) {
    worker.lastReport = max(worker.lastReport + 1, now + random.below(parameters.controlDelay))
    queue.add(.report(report, worker: worker.number), at: worker.lastReport)
  }

  /// Mostly the one that has just done something, now and then anyone.
  private func killAtRandom(after worker: Worker) {
    if killCount >= parameters.kills || isFinished || !random.chance(parameters.killRate) { return }
    let victim = random.chance(7_500) ? worker : live[random.below(live.count)]
    guard let victim, victim.isAlive,
      parameters.victims.contains(shape.topology.stages[Int(victim.stage)].role)
    else { return }
    killCount += 1
    end(victim)
  }

  /// Ends a worker; a random part of what it sent last is lost, on each link for itself.
  func end(_ worker: Worker) {
    if !worker.isAlive { return }
    worker.isAlive = false
    for (_, channel) in worker.channels where channels[channel].pendingCount > 0 {
      channels[channel].lose(last: random.below(channels[channel].pendingCount + 1))
    }
    schedule(.reap(worker: worker.number), within: parameters.controlDelay)
  }

  /// A readable account of where everything stands.
  var state: String {
    var lines = [
      "at \(now), \(eventCount) events, \(killCount) kills, over \(isOver), ended \(lastSequences)"
    ]
    for case let worker? in live {
      lines.append("  \(name(worker.incarnation)) \(worker.isAlive ? "" : "dead ")\(worker.status)")
      for (peer, count) in worker.books.outstanding where count > 0 {
        lines.append("    \(count) sent to \(name(peer)) and not taken")
      }
    }
    return lines.joined(separator: "\n")
  }
}
