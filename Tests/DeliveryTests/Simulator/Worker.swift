import Delivery

/// One incarnation of a slot: an inbox, a machine and the effects that the machine asks for.
class Worker {
  let incarnation: Incarnation
  let number: Int
  unowned let simulation: Simulation
  let saboteur: (any Saboteur)?
  var isAlive = true
  /// The supervisor has told the neighbours.
  var isAnnounced = false
  var isScheduled = false
  var hasReported = false
  var lastReport = 0
  var channels: [(receiver: Int, channel: Int)] = []
  private var inbox: [Message] = []
  private var head = 0
  var books = Books()
  /// What the statistics page says that the worker has in hand.
  var marker: (batch: BatchID, record: UInt32?)?
  /// It died, or seems to have died, of what it had in hand.
  var diedOfRecord = false
  /// What it was told of suspects, for the wrong rules that have no page.
  var warnings: [Suspects.Suspect] = []
  let slotNumber: Int

  init(incarnation: Incarnation, number: Int, simulation: Simulation) {
    self.incarnation = incarnation
    self.number = number
    self.simulation = simulation
    slotNumber = simulation.index(of: incarnation.slot)
    let role = simulation.shape.topology.stages[Int(incarnation.slot.stage)].role
    saboteur = simulation.wrong?.saboteur(
      role: role, stage: incarnation.slot.stage, credit: simulation.parameters.credit)
  }

  var stage: UInt16 { incarnation.slot.stage }
  var hasWork: Bool { fatalError("a kind of worker says what its work is") }
  var status: String { "" }
  /// Batches in the machine that are neither done nor dropped.
  var entryCount: Int { 0 }
  /// Of these, how many may be there although nobody claims them.
  var unclaimedAllowance: Int { 0 }
  func work() throws {}
  /// Hands an input to the machine.
  func feed(_ input: Input) throws -> [DeliveryAction] { [] }
  /// Called after every input.
  func checkBounds() throws {}

  var hasMail: Bool { head < inbox.count }
  var isBusy: Bool { head < inbox.count || hasWork }

  func enqueue(_ message: Message) { inbox.append(message) }

  /// Handles one message or does one piece of work, whichever the draw says.
  func step() throws {
    if head < inbox.count && (!hasWork || simulation.random.chance(6_000)) {
      let message = inbox[head]
      head += 1
      if head == inbox.count {
        inbox.removeAll(keepingCapacity: true)
        head = 0
      }
      try receive(message)
    } else if hasWork {
      try work()
    }
  }

  private func receive(_ message: Message) throws {
    switch message {
    case .data(let parcel, let sender):
      var mine = parcel
      mine.id.branch = simulation.shape.topology.branch(
        parcel.id.branch, from: sender.slot.stage, toSlot: incarnation.slot)
      if let warning = parcel.warning { warnings.append(warning) }
      mine.warning = nil
      let content = simulation.contents.add(mine, owner: number)
      try tell(
        .data(
          mine.id, content, records: parcel.records.count, lowWater: parcel.lowWater, from: sender))
    case .taken(let id, let sender): try tell(.taken(id, from: sender))
    case .done(let id, let tally, let sender): try tell(.done(id, tally, from: sender))
    case .peerUp(let peer): try tell(.peerUp(peer))
    case .peerDown(let peer): try tell(.peerDown(peer))
    case .originEnded(let origin, let last): try tell(.originEnded(origin, last: last))
    case .flush: try tell(.flush)
    case .retire(let peer): try peer == incarnation ? leave() : tell(.retire(peer))
    case .drain: try tell(.drain)
    case .suspects(let suspects):
      warnings.removeAll { suspects.map(\.stage).contains($0.stage) }
      warnings += suspects
    case .drainUpTo(let last): try tell(.drainUpTo(last))
    }
  }

  /// The worker itself is to end when it has nothing left.
  func leave() throws { throw Failure("harness", "a worker that can't leave was told to") }

  /// The contents that all receivers of a batch need.
  func output(
    _ id: BatchID, _ records: [UInt64], letters: [(index: UInt32, record: UInt64)], lowWater: UInt64
  ) -> Output {
    let shape = simulation.shape
    let needs = shape.needs[Int(stage)]
    func keep(_ records: [UInt64], indices: [UInt32] = []) -> Content {
      simulation.contents.add(
        Parcel(id: id, records: records, indices: indices, lowWater: lowWater), owner: number)
    }
    var output = Output()
    if needs.whole { output.whole = keep(records) }
    if needs.empty { output.empty = keep([]) }
    for next in needs.keyed {
      let slots = shape.topology.stages[Int(next)].slots
      for slot in 0..<slots {
        output.parts.append(keep(records.filter { keySlot($0, slots: slots) == slot }))
      }
    }
    if !letters.isEmpty && shape.topology.letterStage(of: stage) != nil {
      output.letters = keep(letters.map(\.record), indices: letters.map(\.index))
    }
    return output
  }

  /// Tells the machine, past the saboteur if there is one, and carries out what it wants.
  func tell(_ input: Input) throws {
    simulation.note("\(simulation.name(incarnation)) \(simulation.describe(input))")
    books.note(input)
    let actions: [DeliveryAction]
    do {
      if let saboteur {
        actions = try saboteur.handle(input) { try observed($0) }
      } else {
        actions = try observed(input)
      }
    } catch let violation as DeliveryViolation {
      throw Failure("violation", "\(simulation.name(incarnation)): \(violation)")
    }
    for action in actions {
      if simulation.trace != nil, let text = simulation.describe(action) {
        simulation.note("\(simulation.name(incarnation)) \(text)")
      }
      try perform(action)
    }
    try checkBounds()
    if case .peerDown = input { try checkClaims() }
  }

  private func observed(_ input: Input) throws -> [DeliveryAction] {
    let actions = try feed(input)
    for case .sendDone(let id, _, let sender) in actions { books.forget(id, from: sender) }
    return actions
  }

  func perform(_ action: DeliveryAction) throws {
    switch action {
    case .send(let content, let id, let receiver):
      var parcel = try simulation.contents.parcel(of: content, owner: number)
      let branch = simulation.shape.topology.branch(parcel.id.branch, from: stage, toSlot: receiver.slot)
      if branch != id.branch || parcel.id.sequence != id.sequence || parcel.id.origin != id.origin {
        throw Failure("branch", "\(parcel.id) was sent as \(id)")
      }
      parcel.lowWater = lowWater ?? parcel.lowWater
      parcel.warning = warnings.last { $0.batch == id && $0.stage == receiver.slot.stage }
      books.sent(to: receiver)
      simulation.send(.data(parcel, from: incarnation), from: self, to: receiver)
    case .sendTaken(let id, let receiver):
      simulation.send(.taken(id, from: incarnation), from: self, to: receiver)
    case .sendDone(let id, let tally, let receiver):
      simulation.send(.done(id, tally, from: incarnation), from: self, to: receiver)
    case .release(let content):
      try simulation.contents.release(content, owner: number)
    }
  }

  /// What an origin writes into the header of everything that it sends: its low-water mark as stored.
  var lowWater: UInt64? { nil }

  /// What only the dead claimed must be gone when their death has been heard of.
  private func checkClaims() throws {
    let allowed = books.claimedCount + unclaimedAllowance
    if entryCount > allowed {
      throw Failure(
        "orphans",
        "\(simulation.name(incarnation)) holds \(entryCount) batches, \(allowed) are claimed, \(simulation.state)"
      )
    }
  }
}
