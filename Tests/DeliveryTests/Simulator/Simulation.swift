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

  /// What survives, per slot.
  var sources: [SourceStore]
  var sinks: [SinkStore]
  var custodies: [CustodyStore]
  var letters = LetterStore()
  var sourceSizes: [Int]
  let fates: Fates
  /// The batches as they were first cut, per slot.
  private(set) var cuts: [[Range<Int>]]

  var slots: [SlotID] { shape.slots }
  private let firstSlot: [Int]
  /// The newest worker of each slot that has not been reaped.
  var live: [Worker?]
  var epochs: [UInt32]
  /// Channels from the supervisor, by worker.
  private var controlChannels: [Int?] = []
  /// How often everything was started anew.
  var life = 0
  var supervisor: SupervisorState
  private(set) var poisonDeaths = 0
  private var strangers = 0
  /// What happened, where somebody wants to know.
  var trace: [String]?

  init(shape: Shape, seed: UInt64, wrong: WrongRule? = nil, adjust: (inout Parameters) -> Void = { _ in }) {
    self.shape = shape
    self.wrong = wrong
    random = Generator(seed: seed)
    var parameters = Parameters(for: shape, from: &random)
    adjust(&parameters)
    self.parameters = parameters
    fates = Fates(poisonRate: parameters.poisonRate, refusalRate: parameters.refusalRate)
    var firstSlot: [Int] = []
    var count = 0
    for stage in shape.topology.stages {
      firstSlot.append(count)
      count += stage.slots
    }
    self.firstSlot = firstSlot
    var drawn = parameters.sourceSizes.makeIterator()
    sourceSizes = shape.slots.map { shape.role(of: $0) == .source ? drawn.next()! : 0 }
    sources = Array(repeating: SourceStore(), count: count)
    sinks = Array(repeating: SinkStore(), count: count)
    custodies = Array(repeating: CustodyStore(), count: count)
    cuts = Array(repeating: [], count: count)
    live = Array(repeating: nil, count: count)
    epochs = Array(repeating: 0, count: count)
    supervisor = SupervisorState(shape: shape)
    for time in parameters.killAllTimes { queue.add(.killAll, at: time) }
    for time in parameters.drainTimes { queue.add(.drain, at: time) }
    for time in parameters.rescaleTimes { queue.add(.rescale, at: time) }
  }

  var isFinished: Bool { !supervisor.isOver.contains(false) }

  func note(_ line: @autoclosure () -> String) {
    if trace != nil { trace!.append("\(now) \(line())") }
  }

  func index(of slot: SlotID) -> Int { firstSlot[Int(slot.stage)] + Int(slot.index) }

  func name(_ incarnation: Incarnation) -> String { "\(name(incarnation.slot))#\(incarnation.epoch)" }

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
    case .reap(let worker): try reap(workers[worker])
    case .spawn(let slot): spawn(slot)
    case .announce(let worker): announce(workers[worker])
    case .report(let report, let worker): try handle(report, from: workers[worker])
    case .halt(let worker): workers[worker].isAlive = false
    case .killAll: if !isFinished { startAnew() }
    case .rescale: rescale()
    case .drain: beginDrain()
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
  func noteCut(_ range: Range<Int>, sequence: UInt64, slot: Int) throws {
    let index = Int(sequence) - 1
    if index == cuts[slot].count {
      cuts[slot].append(range)
    } else if index > cuts[slot].count || cuts[slot][index] != range {
      throw Failure("recut", "slot \(slot) cut sequence \(sequence) differently: \(range)")
    }
  }

  /// What a stage with custody stores under a number is the truth from then on.
  func noteStored(_ batch: CustodyStore.Outgoing, sequence: UInt64, slot: Int) throws {
    let index = Int(sequence) - 1
    if index == custodies[slot].history.count {
      custodies[slot].history.append(batch)
    } else {
      throw Failure("renumbered", "\(name(slots[slot])) stored a batch \(sequence) again, or left one out")
    }
  }

  /// Every process dies, and with them all that is under way; what they stored is left.
  func endEverything() {
    for worker in workers where worker.isAlive { worker.isAlive = false }
    for slot in live.indices {
      live[slot] = nil
      epochs[slot] = 0
    }
    queue.forgetProcesses()
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
    kill(victim)
  }

  private func kill(_ victim: Worker) {
    killCount += 1
    let seemsDead = parameters.hasZombies && shape.role(of: victim.incarnation.slot).isOrdered
    if !seemsDead || victim.hasReported || !random.chance(7_000) { return end(victim) }
    note("\(name(victim.incarnation)) is taken for dead")
    schedule(.reap(worker: victim.number), within: parameters.controlDelay)
    schedule(.halt(worker: victim.number), within: 60_000)
  }

  /// Ends a worker by what it has in hand.
  func dieOfPoison(_ worker: Worker) {
    poisonDeaths += 1
    worker.diedOfRecord = true
    if let (batch, record) = worker.marker {
      note("\(name(worker.incarnation)) is poisoned by \(name(batch)) \(record.map { "record \($0)" } ?? "")")
    }
    end(worker)
  }

  /// A worker that marks each record may be killed by somebody else meanwhile: by us, or by a stranger, which
  /// looks like the record's doing.
  func killInRecordMode(_ worker: Worker) {
    if killCount >= parameters.kills || !random.chance(3_000) { return }
    if strangers < parameters.strangers {
      strangers += 1
      worker.diedOfRecord = true
    }
    killCount += 1
    end(worker)
  }

  /// Ends a worker; a random part of what it sent last is lost, on each link for itself.
  func end(_ worker: Worker) {
    if !worker.isAlive { return }
    worker.isAlive = false
    note("\(name(worker.incarnation)) dies")
    for (_, channel) in worker.channels where channels[channel].pendingCount > 0 {
      channels[channel].lose(last: random.below(channels[channel].pendingCount + 1))
    }
    schedule(.reap(worker: worker.number), within: parameters.controlDelay)
  }

  /// A readable account of where everything stands.
  var state: String {
    var lines = [
      "at \(now), \(eventCount) events, \(killCount) kills, over \(supervisor.isOver), "
        + "ended \(supervisor.lastSequences), complete \(supervisor.isComplete), life \(life), drain "
        + "\(supervisor.isDraining) \(supervisor.halts) \(supervisor.drainLimit?.description ?? "-")"
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
